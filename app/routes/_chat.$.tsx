import { data, type LoaderFunctionArgs } from '@remix-run/node';
import { pageLoader } from '~/http/page-request.server.ts';

/** Any URL that no other route matches: the layout shows "not found". */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async () => {
    throw data(null, { status: 404 });
  });
}

export default function NoSuchPage() {
  return null;
}
