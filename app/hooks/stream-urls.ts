/**
 * The URLs of a backend, for example of your own server in front of the sidecar. Each URL must answer like Rejoin's endpoint with
 * the same name: `start` like `/api/stream/start`, and so on.
 */
export interface StreamUrls {
  /** `POST`: starts an answer. */
  start: string;
  /** `GET`: the events of an answer that come after the event `Last-Event-ID`. */
  resume(streamId: string): string;
  /** `GET`: the state of an answer. */
  status(streamId: string): string;
  /** `DELETE`: stops an answer. */
  cancel(streamId: string): string;
}
