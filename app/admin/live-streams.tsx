import { Form } from '@remix-run/react';
import type { LiveStream } from './admin.server.ts';
import { formatAge, formatFigure } from './format-figure.ts';
import { useLatestStreams } from './use-latest-streams.ts';

/** The answers that are being written for anyone. With a script, the list updates itself. */
export function LiveStreams({ streams: rendered }: { streams: readonly LiveStream[] }) {
  const streams = useLatestStreams(rendered);
  return (
    <>
      <h2 id="live" className="text-lg font-semibold">
        Being written now <span className="text-muted font-normal">· {streams.length}</span>
      </h2>
      {streams.length === 0 ? (
        <p className="text-muted">No answer is being written.</p>
      ) : (
        <div className="table-scroll" role="region" aria-labelledby="live" tabIndex={0}>
          <table className="numbers live">
            <thead>
              <tr>
                <th scope="col">Person</th>
                <th scope="col">Model</th>
                <th scope="col">Age</th>
                <th scope="col">Position</th>
                <th scope="col">Readers</th>
                <th scope="col">Process</th>
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
  return (
    <tr>
      <th scope="row" title={userId}>
        {userId}
      </th>
      <td title={modelId}>{modelId}</td>
      <td>{formatAge(ageMs)}</td>
      <td title={`${bytes} bytes`}>{formatFigure(bytes, 'bytes')}</td>
      <td>{formatFigure(readers, 'count')}</td>
      <td title={owner}>{owner.slice(0, 8) || '–'}</td>
      <td className="flex gap-2">
        <form method="post" action="/admin/read" target="_blank">
          <input type="hidden" name="streamId" value={streamId} />
          <button className="button" aria-label={`Read the answer for ${userId} by ${modelId}, which is logged`}>
            Read
          </button>
        </form>
        <Form method="post" preventScrollReset>
          <input type="hidden" name="streamId" value={streamId} />
          <button className="button danger" aria-label={`Stop the answer for ${userId} by ${modelId}`}>
            Stop
          </button>
        </Form>
      </td>
    </tr>
  );
}
