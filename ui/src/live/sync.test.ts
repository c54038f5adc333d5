import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { readAgain } from "./sync";

const client = (): QueryClient => new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });

it("asks once more when the first answer was still under way: it may be older than the event", async () => {
  const queries = client();
  const asked: ((answer: string) => void)[] = [];
  const observer = new QueryObserver(queries, { queryKey: ["definitions", "graph"], queryFn: () => new Promise<string>((resolve) => asked.push(resolve)) });
  const stop = observer.subscribe(() => undefined);
  const done = readAgain(queries, ["definitions"]);
  expect(asked).toHaveLength(1);
  asked[0]!("no assets yet");
  await expect.poll(() => asked.length).toBe(2);
  asked[1]!("three assets");
  await done;
  expect(observer.getCurrentResult().data).toBe("three assets");
  stop();
});

it("asks once when the answer was there", async () => {
  const queries = client();
  let asked = 0;
  const observer = new QueryObserver(queries, { queryKey: ["runs"], queryFn: async () => ++asked });
  const stop = observer.subscribe(() => undefined);
  await expect.poll(() => asked).toBe(1);
  await readAgain(queries, ["runs"]);
  expect(asked).toBe(2);
  stop();
});
