import { RejoinError } from '../../shared/errors.ts';
import { problemResponse } from '~/http/errors/problem-response.server.ts';

/** Every unknown path under `/api`: 404. */
export const loader = () => problemResponse(new RejoinError('not_found'));
export const action = loader;
