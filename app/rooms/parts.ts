import { onlyInRooms } from './only-in-rooms.ts';

const presenceRow = () => import('./presence-row.tsx').then(({ PresenceRow: component }) => component);
const viewerNote = () => import('./viewer-note.tsx').then(({ ViewerNote: component }) => component);
const sharedRooms = () => import('./shared-rooms.tsx').then(({ SharedRooms: component }) => component);

// `import.meta.env.SSR` is a constant of each build, so the browser's has no trace of what is before the colon.
export const PresenceRow = onlyInRooms(import.meta.env.SSR ? await presenceRow() : null, presenceRow);
export const ViewerNote = onlyInRooms(import.meta.env.SSR ? await viewerNote() : null, viewerNote);
export const SharedRooms = onlyInRooms(import.meta.env.SSR ? await sharedRooms() : null, sharedRooms);
