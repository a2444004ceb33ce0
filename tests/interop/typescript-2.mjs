// The official TypeScript SDK, 2.x: typescript-2.mjs VERSION stdio BINARY | http URL TOKEN
import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { refused, steps } from './steps.mjs';

const [version, kind, where, token] = process.argv.slice(2);
const modern = version === '2026-07-28';

function transport(token, fetch) {
  if (kind === 'stdio') {
    return new StdioClientTransport({ command: where, args: ['serve', '--demo', '--access', 'destroy'] });
  }
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  return new StreamableHTTPClientTransport(new URL(where), { fetch, requestInit });
}

async function connected(token, fetch) {
  const versionNegotiation = { mode: modern ? { pin: version } : 'legacy' };
  const client = new Client({ name: 'typescript-2', version: '0' }, { versionNegotiation });
  await client.connect(transport(token, fetch));
  return client;
}

const client = await connected(token);
assert.equal(client.getNegotiatedProtocolVersion(), version);
assert.equal(client.getDiscoverResult()?.supportedVersions.includes(version), modern ? true : undefined);
const { prompts } = await client.listPrompts();
assert.ok(prompts.some((prompt) => prompt.name === 'triage_failing_tests'));
await steps({
  list: async () => (await client.listTools()).tools,
  call: (name, args) => client.callTool({ name, arguments: args }),
});
await client.close();
if (kind !== 'stdio') await refused((fetch) => connected('vmcp_wrong', fetch));
