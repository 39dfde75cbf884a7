import { describe, expect, test } from "vitest";
import type { ProjectChoices } from "../../workspace/project-choices.ts";

/** What every ProjectChoices keeps. Tenants are new in each test, so one store serves all. */
export function projectChoicesContract(name: string, make: () => ProjectChoices): void {
  describe(`${name} keeps the contract of ProjectChoices`, () => {
    test("each user has a choice of their own, the last one made", async () => {
      const choices = make();
      const tenant = `u-${crypto.randomUUID()}`;
      expect(await choices.chosen(tenant, "ada")).toBeUndefined();
      await choices.choose(tenant, "ada", "app");
      await choices.choose(tenant, "größe | bob", "api");
      await choices.choose(tenant, "ada", "web");
      await choices.choose(tenant, "ada", "web");
      expect(await choices.chosen(tenant, "ada")).toBe("web");
      expect(await choices.chosen(tenant, "größe | bob")).toBe("api");
      expect(await choices.chosen(tenant, "ad")).toBeUndefined();
      expect(await choices.chosen(`${tenant}-x`, "ada")).toBeUndefined();
    });
  });
}
