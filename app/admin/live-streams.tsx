import { Form } from '@remix-run/react';
import type { LiveStream } from './admin.server.ts';
import { formatAge, formatFigure } from './format-figure.ts';
import { fill, useWords } from '~/words/words.ts';
import { useLatestStreams } from './use-latest-streams.ts';

/** The list of all answers that are being written, of all people. With JavaScript, the list updates itself. */
export function LiveStreams({ streams: rendered }: { streams: readonly LiveStream[] }) {
  const { admin } = useWords();
  const streams = useLatestStreams(rendered);
  const waiting = streams.reduce((sum, stream) => sum + stream.waiting, 0);
  const oldestMs = Math.max(0, ...streams.map(({ waitingMs }) => waitingMs));
  return (
    <>
      <h2 id="live" className="text-lg font-semibold">
        {admin.active} <span className="text-muted font-normal">· {streams.length}</span>
      </h2>
      {waiting > 0 && <p>{fill(admin.waiting, { count: waiting, time: formatAge(oldestMs) })}</p>}
      {streams.length === 0 ? (
        <p className="text-muted">{admin.noActive}</p>
      ) : (
        <div className="table-scroll" role="region" aria-labelledby="live" tabIndex={0}>
          <table className="numbers live">
            <thead>
              <tr>
                <th scope="col">{admin.person}</th>
                <th scope="col">{admin.model}</th>
                <th scope="col">{admin.age}</th>
                <th scope="col">{admin.position}</th>
                <th scope="col">{admin.readers}</th>
                <th scope="col">{admin.process}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {streams.map((stream) => (
                <Row key={stream.streamId} stream={stream} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

function Row({ stream: { streamId, userId, modelId, ageMs, bytes, readers, owner } }: { stream: LiveStream }) {
  const { admin, common } = useWords();
  return (
    <tr>
      <th scope="row" title={userId}>
        {userId}
      </th>
      <td title={modelId}>{modelId}</td>
      <td>{formatAge(ageMs)}</td>
      <td title={fill(admin.bytes, { count: bytes })}>{formatFigure(bytes, 'bytes')}</td>
      <td>{formatFigure(readers, 'count')}</td>
      <td title={owner}>{owner.slice(0, 8) || '–'}</td>
      <td className="flex gap-2">
        <form method="post" action="/admin/read" target="_blank">
          <input type="hidden" name="streamId" value={streamId} />
          <button className="button" aria-label={fill(admin.readFor, { person: userId, model: modelId })}>
            {admin.read}
          </button>
        </form>
        <Form method="post" preventScrollReset>
          <input type="hidden" name="streamId" value={streamId} />
          <button className="button danger" aria-label={fill(admin.stopFor, { person: userId, model: modelId })}>
            {common.stop}
          </button>
        </Form>
      </td>
    </tr>
  );
}
