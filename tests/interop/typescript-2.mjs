// The official TypeScript SDK, 2.x: typescript-2.mjs legacy|modern stdio BINARY | http URL TOKEN
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { refused, steps } from './steps.mjs';

const [generation, kind, where, token] = process.argv.slice(2);
const mode = generation === 'modern' ? { pin: '2026-07-28' } : 'legacy';

function transport(token) {
  if (kind === 'stdio') {
    return new StdioClientTransport({ command: where, args: ['serve', '--demo', '--access', 'destroy'] });
  }
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  return new StreamableHTTPClientTransport(new URL(where), { requestInit });
}

async function connected(token) {
  const client = new Client({ name: 'typescript-2', version: '0' }, { versionNegotiation: { mode } });
  await client.connect(transport(token));
  return client;
}

const client = await connected(token);
const prompts = await client.listPrompts();
assert.ok(prompts.prompts.some((prompt) => prompt.name === 'failing_controls'));
await steps({
  list: async () => (await client.listTools()).tools,
  call: (name, args) => client.callTool({ name, arguments: args }),
});
await client.close();
if (kind !== 'stdio') await refused(() => connected('vmcp_wrong'));
