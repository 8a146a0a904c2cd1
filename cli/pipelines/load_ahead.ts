/** Loads what runs containers, with the driver that is asked for. What fails here fails again where it is told. */
export async function loadAhead(driver = "docker"): Promise<void> {
  try {
    const { DRIVERS }: typeof import("../../engine/drivers/mod.ts") = await import(
      new URL("../../engine/drivers/mod.ts", import.meta.url).href
    );
    const name = /^[a-z0-9]*/.exec(driver)?.[0] ?? "";
    const entry = DRIVERS.find((each) => each.name === name || each.aliases.includes(name));
    await Promise.all([
      import(new URL("../../engine/containers/mod.ts", import.meta.url).href),
      entry?.load(),
    ]);
  } catch {
    // The first step reports it.
  }
}
