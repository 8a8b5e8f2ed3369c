import { useConnectivity } from '~/ui/connectivity.ts';
import { useWords } from '~/words/words.ts';

/** Says why the page that one wants to go to does not come. It lies over the page and moves nothing. */
export function OutageNotice() {
  const { shell } = useWords();
  const { online, waiting } = useConnectivity();
  return (
    <div className="outage" role="status">
      {waiting && <p>{online ? shell.unreachable : shell.offline}</p>}
    </div>
  );
}
