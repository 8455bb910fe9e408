// Nothing is re-encoded: numbers that no double holds, schemas of every shape and members that nobody knows go through
// /mcp as they came, and the wire between client and server is as each of them has it.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstText } from './harness/clients.ts';
import { mcp, resultOf, startFederation } from './harness/federation.ts';
import { LightServer, tool, type Item } from './harness/light-server.ts';
import type { Exchange } from './harness/upstream.ts';
import { eventually } from './harness/wait.ts';
import { MODERN_VERSION, modernRequest, post, readReply, Session } from './harness/wire.ts';

const HUGE = '9007199254740993'; // 2^53 + 1
const ARGUMENTS = `{ "id" : ${HUGE}, "exact":1.000000000000000000001, "big": 1E400, "minus":-0, "text":"\\u00e9\\ud83d\\ude00 \\/", "z":1, "a":2 }`;
const CONTENT = `"content":[ {"type":"text","text":"\\u0041","x-mark": ${HUGE} } ], "structuredContent": {"n":${HUGE},"f":0.10,"e":1e2} , "x-unknown" : [ 1.0 ,${HUGE}]`;

/** Answers tools/call with this, whichever era asks. */
const answering = (era: 'legacy' | 'modern') => (exchange: Exchange) =>
  exchange.rawResult(`{${CONTENT}${era === 'modern' ? ',"resultType":"complete"' : ''}}`);

const meta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"${MODERN_VERSION}","io.modelcontextprotocol/clientCapabilities":{},"x-mine":${HUGE}}`;

describe('arguments and results', () => {
  for (const era of ['legacy', 'modern'] as const) {
    test(`keep every byte, ${era} server`, async (t) => {
      const server = await LightServer.start(t, 'server', { era, tools: [tool('numbers')], answer: answering(era) });
      const twin = await LightServer.start(t, 'twin', { era, tools: [tool('numbers')], answer: answering(era) });
      const gateway = await startFederation(t, [server.config(), twin.config()]);
      const session = await Session.open(mcp(gateway));
      const legacy = (name: string): Promise<Response> =>
        post(session.url, `{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"${name}","arguments":${ARGUMENTS}}}`, session.headers);
      const modern = (name: string): Promise<Response> =>
        post(mcp(gateway), `{"jsonrpc":"2.0","id":${HUGE},"method":"tools/call","params":{"name":"${name}","arguments":${ARGUMENTS},${meta}}}`, {
          'mcp-protocol-version': MODERN_VERSION,
          'mcp-method': 'tools/call',
          'mcp-name': name,
        });
      for (const [name, upstream] of [['numbers', server], ['twin_numbers', twin]] as const) {
        for (const [send, id] of [[legacy, '"a"'], [modern, HUGE]] as const) {
          const { text } = await readReply(await send(name));
          assert.ok(text.includes(CONTENT), text);
          assert.ok(text.includes(`"id":${id}`), text);
          const { body } = upstream.calls('tools/call').at(-1)!;
          assert.ok(body.includes(`"arguments":${ARGUMENTS}`), body);
          assert.ok(body.includes('"name":"numbers"'), body);
        }
        // What a client says in _meta and the gateway does not know goes along.
        assert.ok(upstream.calls('tools/call').at(-1)!.body.includes(`"x-mine":${HUGE}`));
      }
    });
  }
});

/** The text of one member of a list, as the client gets it. */
const definitions: [string, Item][] = [
  ['a union of types', '{"name":"union","inputSchema":{"type":"object","properties":{"v":{"type":["string","null","integer"],"default":null}}}}'],
  ['combinations', '{"name":"combined","inputSchema":{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}],"oneOf":[true],"not":false,"allOf":[{}]}}'],
  ['references', '{"name":"tree","inputSchema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","$defs":{"node":{"$anchor":"node","type":"object","properties":{"next":{"$ref":"#node"}}}},"properties":{"root":{"$ref":"#/$defs/node"}}}}'],
  ['numbers that no double holds', `{"name":"numbers","inputSchema":{"type":"object","properties":{"n":{"maximum":${HUGE},"multipleOf":0.10,"enum":[1.0,1E2,-0]}}}}`],
  ['members that nobody knows', `{ "x-first" : {"b":1,"a":[ ]} , "name" : "unknown" ,\t"inputSchema":{"type":"object","x-ui":{"w":${HUGE}}}, "_meta":{"vendor/x":null},"icons":[{"src":"data:,"}], "execution":{"taskSupport":"optional"} }`],
  ['escapes', '{"name":"escapes","description":"\\u0041\\/\\ud83d\\ude00 é","inputSchema":{"type":"object"},"outputSchema":{"type":"object","properties":{"\\u0061":{"type":"string"}}}}'],
  ['no properties', '{"name":"bare","inputSchema":{"type":"object","additionalProperties":false}}'],
];

describe('definitions', () => {
  for (const era of ['legacy', 'modern'] as const) {
    test(`keep every byte, ${era} server`, async (t) => {
      const server = await LightServer.start(t, 'server', {
        era,
        tools: definitions.map(([, item]) => item),
        prompts: [`{"name":"ask","x-n":${HUGE},"arguments":[{"name":"a","x-y":[1.0]}]}`],
        resources: [`{"name":"r", "uri":"light://r","size":${HUGE},"annotations":{"priority":0.50},"x-z":{}}`],
        resourceTemplates: ['{"uriTemplate":"light://{id}/x","name":"t" , "x-z" : 1E2}'],
      });
      const gateway = await startFederation(t, [server.config()]);
      const session = await Session.open(mcp(gateway));
      for (const list of [(method: string) => session.request(method), (method: string) => modernRequest(mcp(gateway), method)]) {
        const { text } = await list('tools/list');
        for (const [what, item] of definitions) assert.ok(text.includes(String(item)), `${what}: ${text}`);
        assert.ok((await list('prompts/list')).text.includes(String(server.items.prompts[0])));
        assert.ok((await list('resources/list')).text.includes(String(server.items.resources[0])));
        assert.ok((await list('resources/templates/list')).text.includes(String(server.items.resourceTemplates[0])));
      }
    });
  }

  test('that need another name change in nothing else', async (t) => {
    const items = definitions.map(([, item]) => String(item));
    const servers = await Promise.all(['one', 'two'].map((name) => LightServer.start(t, name, { tools: items })));
    const gateway = await startFederation(t, servers.map((server) => server.config()));
    const { text } = await modernRequest(mcp(gateway), 'tools/list');
    for (const item of items) {
      assert.ok(text.includes(item), item);
      const renamed = item.replace(/"name"( ?): ?"(\w+)"/, (_, blank: string, name: string) => `"name"${blank}:${blank}"two_${name}"`);
      assert.ok(text.includes(renamed), `${renamed}\n${text}`);
    }
  });
});

describe('the wire', () => {
  test('carries an argument in a header where the definition asks for it', async (t) => {
    const definition = tool('regional', {
      inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, n: { type: 'integer', 'x-mcp-header': 'N' } } },
    });
    const server = await LightServer.start(t, 'server', { era: 'modern', tools: [definition] });
    const gateway = await startFederation(t, [server.config()]);
    const call = { name: 'regional', arguments: { region: 'größer', n: 7 } };
    assert.equal(await (await Session.open(mcp(gateway))).call('regional', call.arguments), 'regional of server');
    const { headers } = server.calls('tools/call').at(-1)!.request;
    assert.equal(headers['mcp-param-n'], '7');
    assert.equal(headers['mcp-param-region'], `=?base64?${Buffer.from('größer').toString('base64')}?=`);
    assert.equal(headers['mcp-method'], 'tools/call');
    assert.equal(headers['mcp-name'], 'regional');

    // A modern client must say the same itself.
    const bare = await modernRequest(mcp(gateway), 'tools/call', call);
    assert.equal(bare.status, 400);
    assert.match(bare.messages[0]!.error!.message, /Mcp-Param-/);
  });

  test('ends a call when its client has gone or says so', async (t) => {
    const held: Exchange[] = [];
    const hold = (exchange: Exchange): void => void held.push(exchange);
    const old = await LightServer.start(t, 'old', { tools: [tool('wait')], answer: hold });
    const modern = await LightServer.start(t, 'modern', { era: 'modern', tools: [tool('wait')], answer: hold });
    const gateway = await startFederation(t, [old.config(), modern.config()]);
    const session = await Session.open(mcp(gateway));
    for (const name of ['wait', 'modern_wait']) {
      const server = name === 'wait' ? old : modern;
      for (const era of ['legacy', 'modern'] as const) {
        const already = held.length;
        const leave = new AbortController();
        const message = session.message('tools/call', { name, arguments: {} });
        const answer =
          era === 'legacy'
            ? post(session.url, message, session.headers)
            : modernRequest(mcp(gateway), 'tools/call', { name, arguments: {} }, {}, leave.signal);
        answer.catch(() => {});
        const exchange = await eventually('the call at the server', () => held[already]);
        if (era === 'legacy') await session.notify('notifications/cancelled', { requestId: message.id, reason: 'enough' });
        else leave.abort();
        if (server === old) {
          const sessionOf = ({ request }: Exchange): unknown => request.headers['mcp-session-id'];
          await eventually('the cancellation', () =>
            old
              .calls('notifications/cancelled')
              .some((each) => each.message.params.requestId === exchange.message.id && sessionOf(each) === sessionOf(exchange)),
          );
        } else {
          await exchange.abandoned;
        }
      }
    }
  });

  test('shares a session on a server among clients of the same principal and capabilities', async (t) => {
    const server = await LightServer.start(t, 'server', { tools: [tool('work')] });
    const gateway = await startFederation(t, [server.config()]);
    const listing = server.calls('initialize').length;
    const sessions = await Promise.all(Array.from({ length: 8 }, () => Session.open(mcp(gateway))));
    await Promise.all(sessions.map((session) => session.call('work')));
    await Promise.all(sessions.map(() => modernRequest(mcp(gateway), 'tools/call', { name: 'work', arguments: {} })));
    assert.ok(server.calls('initialize').length - listing <= 2, `${server.calls('initialize').length} sessions`);
  });

  test('gives a result with a type of its era to clients of either', async (t) => {
    for (const era of ['legacy', 'modern'] as const) {
      const server = await LightServer.start(t, `server-${era}`, { era, tools: [tool('work')] });
      const gateway = await startFederation(t, [server.config()]);
      const session = await Session.open(mcp(gateway));
      const legacy = resultOf(await session.request('tools/call', { name: 'work', arguments: {} }));
      assert.deepEqual(Object.keys(legacy), ['content']);
      const modern = resultOf(await modernRequest(mcp(gateway), 'tools/call', { name: 'work', arguments: {} }));
      assert.equal(modern.resultType, 'complete');
      assert.equal(firstText(modern), firstText(legacy));
    }
  });
});
