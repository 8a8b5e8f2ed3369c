// Your own backend in front of the sidecar. You decide who a caller is; the sidecar trusts your signature.
//   npm install express jose && SIDECAR_SECRET=… node express.mjs
import http from 'node:http';
import express from 'express';
import { SignJWT } from 'jose';

const { SIDECAR_URL = 'http://127.0.0.1:4000', SIDECAR_SECRET, PORT = 8000 } = process.env;
const secret = new TextEncoder().encode(SIDECAR_SECRET);
const PEOPLE = new Map(Object.entries(JSON.parse(process.env.API_KEYS ?? '{"alices-key":"alice"}')));
const PASSED_ON = ['accept', 'content-type', 'content-length', 'last-event-id'];

const app = express();
app.use(async (request, response, next) => {
  const userId = PEOPLE.get(request.get('x-api-key')); // replace this by your own sign-in
  if (!userId) return response.status(401).json({ error: 'Who are you?' });
  const token = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(userId).setAudience('sidecar');
  response.locals.token = await token.setExpirationTime('5m').sign(secret);
  next();
});
const streamOf = ({ params }) => `/streams/${encodeURIComponent(params.id)}`;
app.post('/answers', (request, response) => pass(request, response, '/streams'));
// From the beginning, or after the reader's Last-Event-ID.
app.get('/answers/:id', (request, response) => pass(request, response, `${streamOf(request)}/events`));
app.delete('/answers/:id', (request, response) => pass(request, response, streamOf(request)));
app.listen(Number(PORT), '127.0.0.1');

function pass(request, response, path) {
  const headers = { authorization: `Bearer ${response.locals.token}` };
  for (const name of PASSED_ON) if (request.headers[name]) headers[name] = request.headers[name];
  // An answer that was cut must not look complete: reset the connection, never end it cleanly.
  const fail = () => (response.headersSent ? response.socket?.resetAndDestroy() : response.status(502).end());
  const upstream = http.request(SIDECAR_URL + path, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.on('error', fail).pipe(response);
  });
  response.on('close', () => upstream.destroy()); // a reader that leaves stops nothing: the answer goes on
  request.pipe(upstream.on('error', fail));
}
