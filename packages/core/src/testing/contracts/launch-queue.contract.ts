import { describe, expect, test } from "vitest";
import type { LaunchQueue, Place, Ticket } from "../../burst/launch-queue.ts";
import { HOUR } from "../../lib/duration.ts";
import { newId } from "../../lib/id.ts";

/** What every LaunchQueue promises. The store may hold others' places: each test has tenants of its own. */
export function launchQueueContract(
  name: string,
  make: () => LaunchQueue | Promise<LaunchQueue>,
): void {
  const newTenant = () => `t-${crypto.randomUUID()}`;
  const ticket = (tenant: string, since: number): Ticket => ({
    tenant,
    id: newId("task"),
    since,
    expiresAt: Date.now() + HOUR,
  });
  async function placeOf(queue: LaunchQueue, tenant: string): Promise<Place> {
    const place = (await queue.ring()).places.find((each) => each.tenant === tenant);
    if (!place) throw new Error(`${tenant} has no place`);
    return place;
  }
  const isWaiting = async (queue: LaunchQueue, tenant: string) =>
    (await queue.ring()).places.some((each) => each.tenant === tenant);

  describe(`${name} as LaunchQueue`, () => {
    test("a tenant's oldest ticket comes first, others' never", async () => {
      const [queue, tenant, other] = [await make(), newTenant(), newTenant()];
      const [late, early, stranger] = [ticket(tenant, 20), ticket(tenant, 3), ticket(other, 1)];
      for (const each of [late, early, stranger]) expect(await queue.addTicket(each)).toBe(true);
      expect(await queue.oldest(tenant)).toEqual(early);
      await queue.dropTicket(early);
      expect(await queue.oldest(tenant)).toEqual(late);
      await queue.dropTicket(late);
      expect(await queue.oldest(tenant)).toBeUndefined();
      expect(await queue.oldest(other)).toEqual(stranger);
    });

    test("a ticket is there once, however often it is added or dropped", async () => {
      const [queue, tenant] = [await make(), newTenant()];
      const one = ticket(tenant, 5);
      const added = await Promise.all([1, 2, 3].map(() => queue.addTicket(one)));
      expect(added.filter(Boolean)).toHaveLength(1);
      await queue.dropTicket(one);
      await queue.dropTicket(one);
      expect(await queue.oldest(tenant)).toBeUndefined();
    });

    test("a tenant has one place; joining again keeps its turn", async () => {
      const [queue, tenant] = [await make(), newTenant()];
      await queue.join(tenant, 100);
      const first = await placeOf(queue, tenant);
      await queue.join(tenant, 200);
      const second = await placeOf(queue, tenant);
      expect([first.turn, second.turn]).toEqual([100, 100]);
      expect(second.joined).toBeGreaterThan(first.joined);
      const { places } = await queue.ring();
      expect(places.filter((each) => each.tenant === tenant)).toHaveLength(1);
    });

    test("a look at one place tells that somebody waits", async () => {
      const [queue, one, two] = [await make(), newTenant(), newTenant()];
      await queue.join(one, 1);
      await queue.join(two, 2);
      await queue.closeGate(5);
      expect((await queue.ring(1)).places).toHaveLength(1);
    });

    test("of many who move a turn one has moved it", async () => {
      const [queue, tenant] = [await make(), newTenant()];
      await queue.join(tenant, 100);
      const seen = await placeOf(queue, tenant);
      const moves = await Promise.all([1, 2, 3, 4].map((n) => queue.moveTurn(seen, 200 + n)));
      expect(moves.filter(Boolean)).toHaveLength(1);
      expect((await placeOf(queue, tenant)).turn).toBeGreaterThan(200);
      expect(await queue.moveTurn(seen, 300)).toBe(false);
    });

    test("a place is given up unless somebody joined it or moved it meanwhile", async () => {
      const [queue, tenant] = [await make(), newTenant()];
      await queue.join(tenant, 100);
      const seen = await placeOf(queue, tenant);
      await queue.join(tenant, 150);
      expect(await queue.leave(seen)).toBe(false);
      const joined = await placeOf(queue, tenant);
      await queue.moveTurn(joined, 160);
      expect(await queue.leave(joined)).toBe(false);
      expect(await queue.leave(await placeOf(queue, tenant))).toBe(true);
      expect(await isWaiting(queue, tenant)).toBe(false);
      expect(await queue.leave({ ...joined, turn: 160 })).toBe(false);
    });

    test("a place that is gone can't be moved back into the ring", async () => {
      const [queue, tenant] = [await make(), newTenant()];
      expect(await queue.moveTurn({ tenant, turn: 1, joined: 1 }, 2)).toBe(false);
      expect(await isWaiting(queue, tenant)).toBe(false);
    });

    test("the gate stays closed as long as anybody asked", async () => {
      const [queue, until] = [await make(), Date.now() + HOUR];
      await queue.closeGate(until);
      await queue.closeGate(until - 10);
      expect((await queue.ring()).closedUntil).toBe(until);
      expect((await queue.ring(1)).closedUntil).toBe(until);
    });

    test("everybody is in the ring, also when they are many", async () => {
      const queue = await make();
      const tenants = Array.from({ length: 60 }, newTenant);
      await Promise.all(tenants.map((tenant, turn) => queue.join(tenant, turn)));
      const waiting = new Set((await queue.ring()).places.map(({ tenant }) => tenant));
      expect(tenants.filter((tenant) => !waiting.has(tenant))).toEqual([]);
    });
  });
}
