// A real authorization server (oidc-provider) on a free port, whose users log in by themselves.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { Provider, type Configuration } from 'oidc-provider';
import { onEnd, type Scope } from './scope.ts';

/** A signing key that the issuer has, with its private half. */
export interface SigningKey {
  kid: string;
  alg: string;
  jwk: JWK;
  privateKey: CryptoKey;
}

export async function signingKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' } };
}

export interface IssuerUser {
  sub: string;
  name?: string;
  roles?: string[];
}

export const REDIRECT_URI = 'http://127.0.0.1:9/callback';

export interface IssuerOptions {
  users?: IssuerUser[];
  keys?: SigningKey[];
  /** Seconds that access tokens are valid. */
  lifetime?: number;
  /** Roles of the client `robot`. */
  robotRoles?: string[];
}

/** Clients: `agent` (public, authorization code with PKCE), `robot` with the secret `robot-secret` (client credentials). */
export class Issuer {
  readonly url: string;
  keys: SigningKey[];
  /** Who logs in next. */
  user: string;
  /** How often the key set was fetched. */
  keyFetches = 0;
  /** Answers instead of the provider while it is set. */
  outage: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  private provider: Provider;
  private readonly options: IssuerOptions;

  private constructor(url: string, keys: SigningKey[], options: IssuerOptions) {
    this.url = url;
    this.keys = keys;
    this.options = options;
    this.user = options.users?.[0]?.sub ?? 'alice';
    this.provider = this.makeProvider();
  }

  static async start(scope: Scope, options: IssuerOptions = {}): Promise<Issuer> {
    const server: Server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onEnd(scope, () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    });
    const { port } = server.address() as AddressInfo;
    const issuer = new Issuer(`http://127.0.0.1:${port}`, options.keys ?? [await signingKey('first')], options);
    server.on('request', (request, response) => void issuer.serve(request, response));
    return issuer;
  }

  /** From now on tokens are signed with the first of these, and the key set has all of them. */
  rotate(keys: SigningKey[]): void {
    this.keys = keys;
    this.provider = this.makeProvider();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.outage) return this.outage(request, response);
    if (request.url === '/jwks') this.keyFetches += 1;
    if (request.url?.startsWith('/interaction/')) return this.logInAndConsent(request, response);
    return this.provider.callback()(request, response);
  }

  private async logInAndConsent(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, session } = await this.provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      return this.provider.interactionFinished(request, response, { login: { accountId: this.user } }, { mergeWithLastSubmission: false });
    }
    const grant = new this.provider.Grant({ accountId: session!.accountId!, clientId: params.client_id as string });
    const missing = prompt.details as { missingOIDCScope?: string[]; missingResourceScopes?: Record<string, string[]> };
    grant.addOIDCScope((missing.missingOIDCScope ?? ['openid']).join(' '));
    for (const [resource, scopes] of Object.entries(missing.missingResourceScopes ?? {})) grant.addResourceScope(resource, scopes.join(' '));
    const grantId = await grant.save();
    return this.provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
  }

  private rolesOf(sub: string | undefined, client: string | undefined): string[] {
    if (sub === undefined || sub === client) return this.options.robotRoles ?? [];
    return this.options.users?.find((user) => user.sub === sub)?.roles ?? [];
  }

  private makeProvider(): Provider {
    const lifetime = this.options.lifetime ?? 600;
    const configuration: Configuration = {
      jwks: { keys: this.keys.map((key) => key.jwk) as never },
      clients: [
        {
          client_id: 'agent',
          redirect_uris: [REDIRECT_URI],
          application_type: 'native',
          token_endpoint_auth_method: 'none',
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
        },
        {
          client_id: 'robot',
          client_secret: 'robot-secret',
          redirect_uris: [],
          response_types: [],
          grant_types: ['client_credentials'],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      scopes: ['openid', 'offline_access', 'mcp:tools', 'files.read', 'files.write'],
      pkce: { required: () => true },
      ttl: { AccessToken: lifetime, ClientCredentials: lifetime, Interaction: 600, Session: 600, Grant: 600, IdToken: 600 },
      cookies: { keys: ['not secret, only for tests'] },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => undefined as never,
          useGrantedResource: () => true,
          getResourceServerInfo: (_context, resource) => ({
            scope: 'mcp:tools files.read files.write',
            audience: resource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: lifetime,
            jwt: { sign: { alg: this.keys[0]!.alg as never, kid: this.keys[0]!.kid } },
          }),
        },
      },
      interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
      extraTokenClaims: (_context, token) => {
        const { accountId, clientId } = token as { accountId?: string; clientId?: string };
        const user = this.options.users?.find((one) => one.sub === accountId);
        return { roles: this.rolesOf(accountId, clientId), ...(user?.name && { name: user.name }) };
      },
    };
    const provider = new Provider(this.url, configuration);
    provider.on('server_error', (_context, error) => console.error('issuer:', error));
    return provider;
  }

  /** An access token of `robot` for that resource, by client credentials. */
  async robotToken(resource: string, scope = 'mcp:tools'): Promise<string> {
    const response = await fetch(`${this.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'robot', client_secret: 'robot-secret', resource, scope }),
    });
    const body = (await response.json()) as { access_token?: string };
    if (!body.access_token) throw new Error(`no token: ${response.status} ${JSON.stringify(body)}`);
    return body.access_token;
  }

  /** A token as this issuer would sign it, with anything that a test wants to be wrong about it. */
  async mint(claims: JWTPayload, { key = this.keys[0]!, header = {} }: { key?: SigningKey; header?: Record<string, unknown> } = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: this.url, sub: 'alice', iat: now, exp: now + 300, ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey);
  }

  /** Follows the redirects of an authorization request as a browser with cookies does; gives the code and the state. */
  async logIn(authorizationUrl: URL): Promise<URL> {
    const cookies = new Map<string, string>();
    let location = authorizationUrl;
    for (let step = 0; step < 12; ++step) {
      if (location.href.startsWith(REDIRECT_URI)) return location;
      const response = await fetch(location, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [pair] = cookie.split(';');
        const [name, ...value] = pair!.split('=');
        cookies.set(name!, value.join('='));
      }
      const next = response.headers.get('location');
      if (!next) throw new Error(`the login stopped at ${location}: ${response.status} ${await response.text()}`);
      location = new URL(next, location);
    }
    throw new Error('too many redirects');
  }
}
