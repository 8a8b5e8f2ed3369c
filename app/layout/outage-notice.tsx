import { useConnectivity } from '~/ui/browser/connectivity.ts';
import { useWords } from '~/words/words.ts';

/** Shows why the requested page does not load. It covers a part of the page, so nothing moves. */
export function OutageNotice() {
  const { shell } = useWords();
  const { online, waiting } = useConnectivity();
  return (
    <div className="outage" role="status">
      {waiting && <p>{online ? shell.unreachable : shell.offline}</p>}
    </div>
  );
}
