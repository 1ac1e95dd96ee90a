/** A Program on this machine's processor: one WebAssembly memory, and threads over it. */
import type { Backend } from "../backend.js";
import type { Program } from "../program/program.js";
import { createEngine, writeRandomState, writeScalarValues } from "./engine.js";
import { floatsAt, integersAt, readTensor } from "./memory.js";
import { openTeam } from "./open-team.js";

/** @throws UserError when memory is short, or the program is not made for so many threads */
export async function createCpuBackend(program: Program, threads: number): Promise<Backend> {
  const engine = await createEngine(program);
  const team = await openTeam(engine, threads);
  const { memory } = engine;
  return {
    program,
    write: (place, data) => {
      (place.dataType === "f32" ? floatsAt : integersAt)(memory, place).set(data);
    },
    read: (place) => readTensor(memory, place),
    run: (entryPoint, { seed, draw, scalars }) => {
      writeRandomState(engine, seed, draw);
      writeScalarValues(engine, entryPoint.scalars, scalars);
      return team.run(entryPoint);
    },
    dispose: team.dispose,
  };
}
