import { Hub } from "./hub";
import { logPosition, type FromWorker, type ToWorker } from "./messages";

// All tabs of a browser share this worker and so one event stream: a stream a tab would use up the six connections that
// a browser opens to one server.
const hub = new Hub<MessagePort>({ connect: (url) => new EventSource(url), position: logPosition });

const scope = self as unknown as { onconnect: (event: MessageEvent) => void };
scope.onconnect = (event) => {
  const port = event.ports[0]!;
  const send = (message: FromWorker): void => port.postMessage(message);
  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if (data.type === "bye") return hub.remove(port);
    hub.set(port, data.topics, {
      event: (streamed) => send({ type: "event", event: streamed }),
      state: (up, cursor) => send({ type: "state", up, cursor }),
      reset: () => send({ type: "reset" }),
    });
  };
};
