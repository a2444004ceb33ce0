// The official TypeScript SDK, 1.x: typescript-1.mjs VERSION stdio BINARY | http URL TOKEN | sse URL TOKEN
import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { refused, steps } from './steps.mjs';

const [version, kind, where, token] = process.argv.slice(2);

function transport(token, fetch) {
  const options = { fetch, requestInit: { headers: { Authorization: `Bearer ${token}` } } };
  switch (kind) {
    case 'stdio':
      return new StdioClientTransport({ command: where, args: ['serve', '--demo', '--access', 'destroy'] });
    case 'http':
      return new StreamableHTTPClientTransport(new URL(where), options);
    case 'sse':
      return new SSEClientTransport(new URL('/sse', where), options);
    default:
      throw new Error(`no transport ${kind}`);
  }
}

async function connected(token, fetch) {
  const client = new Client({ name: 'typescript-1', version: '0' });
  const chosen = transport(token, fetch);
  // The client itself does not tell which version was agreed on, but it tells its transport.
  let agreed;
  const tell = chosen.setProtocolVersion?.bind(chosen);
  chosen.setProtocolVersion = (told) => {
    agreed = told;
    tell?.(told);
  };
  await client.connect(chosen);
  assert.equal(agreed, version);
  return client;
}

const client = await connected(token);
await steps({
  list: async () => (await client.listTools()).tools,
  call: (name, args) => client.callTool({ name, arguments: args }),
});
await client.close();
if (kind !== 'stdio') await refused((fetch) => connected('vmcp_wrong', fetch));
