import { createServer } from 'node:http';

const { HOST, PORT, GREETING = 'Hello' } = process.env;

const server = createServer((request, response) => {
  const body = request.url === '/healthz' ? 'ok\n' : `${GREETING} from process ${process.pid}\n`;
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(body);
});
server.listen(Number(PORT), HOST);

// Finish what has begun, take nothing new.
process.on('SIGTERM', () => server.close());
