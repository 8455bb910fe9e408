// Holds the gateway to /openapi.json: every answer must be one that the document describes.

import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Gateway } from './gateway.ts';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, else the text. */
  body: any;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { responses: Record<string, DescribedResponse | { $ref: string }> }>>;
}

interface DescribedResponse {
  content?: Record<string, { schema?: object }>;
}

const DOCUMENT = 'openapi.json';

const pointer = (...parts: string[]): string =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

export class ApiContract {
  readonly #gateway: Gateway;
  readonly #document: Document;
  readonly #ajv: Ajv2020;
  readonly #compiled = new Map<string, ValidateFunction>();

  private constructor(gateway: Gateway, document: Document) {
    this.#gateway = gateway;
    this.#document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.#ajv);
    this.#ajv.addSchema({ $id: DOCUMENT, ...document });
  }

  static async of(gateway: Gateway): Promise<ApiContract> {
    return new ApiContract(gateway, await gateway.json<Document>('/openapi.json'));
  }

  /** Throws unless the document itself is valid. */
  async validate(): Promise<void> {
    if (!this.#document.openapi.startsWith('3.1')) throw new Error(`OpenAPI ${this.#document.openapi}`);
    const result = await new Validator().validate({ ...structuredClone(this.#document) });
    if (!result.valid) throw new Error(`invalid OpenAPI document: ${JSON.stringify(result.errors, null, 2)}`);
  }

  async request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    const response = await this.#gateway.api(method, path, body, headers);
    const text = await response.text();
    const type = response.headers.get('content-type')?.split(';')[0] ?? '';
    const parsed: unknown = /[/+]json$/.test(type) ? JSON.parse(text) : text;
    this.#check(method, path, response, type, parsed);
    return { status: response.status, headers: response.headers, body: parsed };
  }

  #check(method: string, path: string, response: Response, type: string, body: unknown): void {
    const template = this.#templateOf(path.split('?')[0]!);
    const operation = template && this.#document.paths[template]?.[method.toLowerCase()];
    if (!operation) {
      // What is not described must not be offered.
      if (![404, 405].includes(response.status)) throw new Error(`${method} ${path} is not described but answers ${response.status}`);
      return;
    }
    const what = `${method} ${template} ${response.status}`;
    const key = [String(response.status), `${String(response.status)[0]}XX`, 'default'].find((each) => each in operation.responses);
    if (key === undefined) throw new Error(`${what} is not described`);
    const [described, place] = this.#resolve(operation.responses[key]!, ['paths', template!, method.toLowerCase(), 'responses', key]);
    if (!described.content) {
      if (body !== '') throw new Error(`${what} is described without a body`);
      return;
    }
    if (!(type in described.content)) throw new Error(`${what} is not described with the type ${type}`);
    if (!described.content[type]!.schema) return;
    this.#validate(what, `${DOCUMENT}#${pointer(...place, 'content', type, 'schema')}`, body);
  }

  #resolve(response: DescribedResponse | { $ref: string }, place: string[]): [DescribedResponse, string[]] {
    if (!('$ref' in response)) return [response, place];
    const parts = response.$ref.replace(/^#\//, '').split('/');
    return [parts.reduce((value: any, part) => value[part], this.#document), parts];
  }

  #validate(what: string, reference: string, body: unknown): void {
    let validate = this.#compiled.get(reference);
    if (!validate) this.#compiled.set(reference, (validate = this.#ajv.compile({ $ref: reference })));
    if (validate(body)) return;
    throw new Error(`${what} is not as described: ${this.#ajv.errorsText(validate.errors)}\n${JSON.stringify(body, null, 2)}`);
  }

  #templateOf(path: string): string | undefined {
    if (path in this.#document.paths) return path;
    return Object.keys(this.#document.paths).find((template) =>
      new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path),
    );
  }
}
