/** The ten probabilities as bars, and the likeliest digit. */
export interface Bars {
  /** null for an empty pad. */
  readonly show: (probabilities: readonly number[] | null) => void;
}

export function createBars(list: HTMLElement, answer: HTMLElement): Bars {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const row = document.createElement("li");
    const bar = document.createElement("i");
    const percent = document.createElement("span");
    row.append(String(digit), bar, percent);
    list.append(row);
    return { row, bar, percent };
  });
  return {
    show: (probabilities) => {
      const best = probabilities === null ? -1 : probabilities.indexOf(Math.max(...probabilities));
      answer.textContent = best < 0 ? "\u00a0" : String(best);
      rows.forEach(({ row, bar, percent }, digit) => {
        const probability = probabilities?.[digit] ?? 0;
        row.classList.toggle("best", digit === best);
        bar.style.setProperty("--share", probability.toFixed(4));
        percent.textContent = probabilities === null ? "" : `${(100 * probability).toFixed(1)}%`;
      });
    },
  };
}
