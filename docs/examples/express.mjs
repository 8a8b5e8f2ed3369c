// Your own backend in front of the sidecar. You decide who a caller is; the sidecar trusts your signature.
//   npm install express@5 jose@6 && SIDECAR_SECRET=… node express.mjs          (Node 20 or newer)
// The hook works with this backend: useResumableStream({ headers: { 'x-api-key': … }, api: {
//   start: '/answers', resume: (id) => `/answers/${id}`, status: (id) => `/answers/${id}/status`, cancel: (id) => `/answers/${id}` } })
import http from 'node:http';
import express from 'express';
import { SignJWT } from 'jose';

const { SIDECAR_URL = 'http://127.0.0.1:4000', SIDECAR_SECRET, PORT = 8000 } = process.env;
if (!SIDECAR_SECRET) {
  console.error('Set SIDECAR_SECRET to the secret of the sidecar, 16 characters or more.');
  process.exit(1);
}
const secret = new TextEncoder().encode(SIDECAR_SECRET);
const PEOPLE = new Map(Object.entries(JSON.parse(process.env.API_KEYS ?? '{"alices-key":"alice"}')));
const PASSED_ON = ['accept', 'content-type', 'content-length', 'last-event-id'];

const app = express();
app.use(async (request, response, next) => {
  const userId = PEOPLE.get(request.get('x-api-key')); // replace this by your own sign-in
  if (!userId) return response.status(401).json({ error: 'Send a known key in the x-api-key header.' });
  const token = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(userId).setAudience('sidecar');
  response.locals.token = await token.setExpirationTime('5m').sign(secret);
  next();
});
const streamOf = ({ params }) => `/v1/streams/${encodeURIComponent(params.id)}`;
app.post('/answers', (request, response) => pass(request, response, '/v1/streams'));
// Sends the answer from its beginning, or from the place after the reader's Last-Event-ID.
app.get('/answers/:id', (request, response) => pass(request, response, `${streamOf(request)}/events`));
app.get('/answers/:id/status', (request, response) => pass(request, response, streamOf(request)));
app.delete('/answers/:id', (request, response) => pass(request, response, streamOf(request)));
// Errors, for example a URL that cannot be decoded, get a response without a stack trace.
app.use((error, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status = error.status ?? 500;
  response.status(status).json({ error: status < 500 ? 'The request is not valid.' : 'Something went wrong.' });
});
app.listen(Number(PORT), '127.0.0.1', (error) => {
  if (!error) return console.log(`Listening on http://127.0.0.1:${PORT}`);
  console.error(`Cannot listen on port ${PORT}: ${error.message}`);
  process.exit(1);
});

function pass(request, response, path) {
  const headers = { authorization: `Bearer ${response.locals.token}` };
  for (const name of PASSED_ON) if (request.headers[name]) headers[name] = request.headers[name];
  // An answer that was cut must not look complete: reset the connection, never end it cleanly.
  const fail = (error) => {
    if (response.headersSent) return response.socket?.resetAndDestroy();
    console.error(`No answer from the sidecar at ${SIDECAR_URL}: ${error.message}`);
    response.status(502).json({ error: 'The service that writes answers cannot be reached. Try again in a moment.' });
  };
  const upstream = http.request(SIDECAR_URL + path, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.on('error', fail).pipe(response);
  });
  response.on('close', () => upstream.destroy()); // a reader who leaves does not stop the answer
  request.pipe(upstream.on('error', fail));
}
