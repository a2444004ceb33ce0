// The official TypeScript SDK, 1.x: typescript-1.mjs stdio BINARY | http URL TOKEN | sse URL TOKEN
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { refused, steps } from './steps.mjs';

const [kind, where, token] = process.argv.slice(2);

function transport(token) {
  const options = { requestInit: { headers: { Authorization: `Bearer ${token}` } } };
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

async function connected(token) {
  const client = new Client({ name: 'typescript-1', version: '0' });
  await client.connect(transport(token));
  return client;
}

const client = await connected(token);
await steps({
  list: async () => (await client.listTools()).tools,
  call: (name, args) => client.callTool({ name, arguments: args }),
});
await client.close();
if (kind !== 'stdio') await refused(() => connected('vmcp_wrong'));
