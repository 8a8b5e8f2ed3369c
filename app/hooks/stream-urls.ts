/** The URLs of a backend, such as one of your own in front of the sidecar. Each must answer like Rejoin's endpoint of that name. */
export interface StreamUrls {
  /** `POST`: starts an answer. */
  start: string;
  /** `GET`: the events of an answer, from `Last-Event-ID`. */
  resume(streamId: string): string;
  /** `GET`: the state of an answer. */
  status(streamId: string): string;
  /** `DELETE`: stops an answer. */
  cancel(streamId: string): string;
}
