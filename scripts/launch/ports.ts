import { createServer, type AddressInfo } from 'node:net';
import { StartError } from '../shared/start-error.ts';
import type { Env } from '../shared/settings.ts';

/** The port in a setting, or `fallback` without the setting. Throws a {@link StartError} if the value is not a port number. */
export function portSetting(name: string, { settings, fallback }: { settings: Env; fallback: number }): number {
  const text = settings[name];
  if (text === undefined) return fallback;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StartError(`${name} must be a port, 1 to 65535, not "${text}".`);
  }
  return port;
}

export interface NamedPort {
  /** The name of the setting that holds this port. */
  name: string;
  host: string;
  port: number;
}

/** If this process cannot listen on `host` and `port`, throws a {@link StartError} that names the setting to change. */
export async function requireFreePort({ name, host, port }: NamedPort): Promise<void> {
  const code = await tryToListen(host, port);
  switch (code) {
    case null:
      return;
    case 'EADDRINUSE':
      throw new StartError(
        `Port ${port} on ${host} is taken. Set ${name} to another one, for example ${name}=${port + 1}.`,
      );
    case 'EACCES':
      throw new StartError(`Port ${port} may not be used by this user. Set ${name} to one above 1023.`);
    default:
      throw new StartError(`Cannot listen on ${host}:${port} (${code}). Check HOST and ${name}.`);
  }
}

export const isFreePort = async (host: string, port: number): Promise<boolean> =>
  (await tryToListen(host, port)) === null;

/** A port of the loopback interface that nothing listened on a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
