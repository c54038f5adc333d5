import { expect, it } from "vitest";
import { fuzzy } from "./fuzzy";

const list = ["raw/orders", "orders", "order_facts", "board_deck", "customer_orders"];
const found = (query: string, limit = 9) => fuzzy(query, list, limit).map((i) => list[i]);

it("puts whole words and short names first", () => expect(found("orders")).toEqual(["orders", "raw/orders", "customer_orders", "order_facts"]));
it("finds letters in order, starts of words first", () => expect(found("of")).toEqual(["order_facts"]));
it("takes upper case and spaces as they come", () => expect(found("Board D")).toEqual(["board_deck"]));
it("finds nothing where a letter is missing", () => expect(found("ordersz")).toEqual([]));
it("gives no more than asked, and all as they stand for an empty query", () => expect([found("", 2), found(" ").length]).toEqual([["raw/orders", "orders"], 5]));
