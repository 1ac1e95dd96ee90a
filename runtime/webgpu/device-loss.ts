/** Turns a device that has been lost, or has reported a fault, into an error that says so. */
import { UserError } from "../program/user-error.js";

export interface DeviceWatch {
  /** @throws UserError when the device is of no use any more */
  readonly check: () => void;
  /** The result of some work; when the device is lost over it, the error that says so. */
  readonly orLost: <T>(work: Promise<T>) => Promise<T>;
  /** Destroys the device; that is no loss. */
  readonly destroy: () => void;
}

export function watchDevice(device: GPUDevice, name: string): DeviceWatch {
  let problem: string | null = null;
  let isOver = false;
  device.onuncapturederror = ({ error }) => {
    problem ??= `${name} reports a fault: ${error.message}`;
  };
  void device.lost.then(({ message }) => {
    if (!isOver) problem ??= `${name} was lost${message === "" ? "" : `: ${message}`}`;
  });
  const check = (): void => {
    if (problem === null) return;
    throw new UserError(
      problem,
      "Its driver may have restarted, or its memory may be short. Training goes on from the last " +
        "checkpoint with --resume; with --backend cpu the CPU computes.",
    );
  };
  return {
    check,
    orLost: async (work) => {
      try {
        return await work;
      } catch (error) {
        // What was waited for fails first; the loss is told a moment later.
        await new Promise((resolve) => setTimeout(resolve, 0));
        check();
        throw error;
      }
    },
    destroy: () => {
      isOver = true;
      device.destroy();
    },
  };
}
