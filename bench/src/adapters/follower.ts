/** Two sidecars on one Redis. One writes the streams; readers connect to the other, which is the server under test. */
import { launchSidecar, rejoin } from './rejoin.ts';
import type { Adapter } from './types.ts';

export const follower: Adapter = {
  ...rejoin,
  name: 'rejoin/follower',
  // With more streams the owner would be the bottleneck, because the owner, the load generator and Redis share one core.
  tests: ['t1 S=100', 't1 S=500', 't2 R=1000', 't5'],
  async launch({ redisUrl, serverCpu, otherCpu }) {
    const [owner, reader] = await Promise.all([launchSidecar(redisUrl, otherCpu), launchSidecar(redisUrl, serverCpu)]);
    return {
      startUrl: owner.url,
      readUrl: reader.url,
      serverPids: [reader.pid],
      appPids: [owner.pid],
      stop: async () => void (await Promise.all([owner.stop(), reader.stop()])),
    };
  },
};
