import { Link } from '@remix-run/react';
import { Icon } from '~/ui/icon.tsx';

/** ‹2/3›: links to the other versions of a message. `ids`: their ids, oldest first, joined by spaces. */
export function Versions({ ids, current, chatId }: { ids: string; current: string; chatId: string }) {
  const versions = ids.split(' ');
  const index = versions.indexOf(current);
  if (versions.length < 2 || index === -1) return null;
  return (
    <span className="flex items-center" role="group" aria-label="Versions">
      <Step to={versions[index - 1]} chatId={chatId} icon="left" label="Older version" />
      <span className="tabular-nums" aria-label={`Version ${index + 1} of ${versions.length}`}>
        {index + 1}/{versions.length}
      </span>
      <Step to={versions[index + 1]} chatId={chatId} icon="right" label="Newer version" />
    </span>
  );
}

function Step({
  to,
  chatId,
  icon,
  label,
}: {
  to: string | undefined;
  chatId: string;
  icon: 'left' | 'right';
  label: string;
}) {
  if (to === undefined) {
    return (
      <span className="icon-button opacity-30" aria-hidden="true">
        <Icon name={icon} />
      </span>
    );
  }
  return (
    <Link to={`/chat/${chatId}?leaf=${to}`} className="icon-button" aria-label={label} preventScrollReset>
      <Icon name={icon} />
    </Link>
  );
}
