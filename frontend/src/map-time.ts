/** The time slider: rounds at their true dates, stepped with the arrow keys. */
import { dayText } from "./locales";
import type { Round } from "./map-document";

const DAY = 86_400_000;

export class TimeSlider {
  readonly element = document.createElement("div");
  private readonly input = document.createElement("input");
  private readonly output = document.createElement("output");
  private readonly play = document.createElement("button");
  private readonly days: number[];
  private readonly ticks: HTMLElement[] = [];
  private timer = 0;

  constructor(
    private readonly rounds: Round[],
    private current: number,
    words: Record<string, string>,
    private readonly changed: (round: number) => void,
  ) {
    const start = Date.parse(rounds[0]!.date);
    this.days = rounds.map((round) => Math.round((Date.parse(round.date) - start) / DAY));
    const span = this.days.at(-1) || 1;
    this.element.className = "map-time";
    Object.assign(this.input, { type: "range", min: "0", max: String(span), step: "1" });
    this.input.setAttribute("aria-label", words.round!);
    const track = document.createElement("div");
    track.className = "map-track";
    track.append(this.input);
    for (const day of this.days) {
      const tick = document.createElement("span");
      tick.className = "tick";
      // The middle of the thumb travels from 8 px to 8 px before the end.
      tick.style.insetInlineStart = `calc(8px + (100% - 16px) * ${day / span})`;
      track.append(tick);
      this.ticks.push(tick);
    }
    this.play.type = "button";
    this.play.className = "small";
    this.play.hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const label = (): void => {
      this.play.textContent = this.timer ? words.pause! : words.play!;
    };
    label();
    this.play.addEventListener("click", () => {
      if (this.timer) this.stop();
      else this.start();
      label();
    });
    this.element.addEventListener("waystation:stopped", label);
    this.input.addEventListener("input", () => this.show(this.nearest(Number(this.input.value))));
    this.input.addEventListener("keydown", (event) => this.step(event));
    this.element.append(this.play, track, this.output);
    this.write();
  }

  private nearest(day: number): number {
    let best = 0;
    this.days.forEach((each, i) => {
      if (Math.abs(each - day) < Math.abs(this.days[best]! - day)) best = i;
    });
    return best;
  }

  private step(event: KeyboardEvent): void {
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = document.documentElement.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    const last = this.rounds.length - 1;
    const to = {
      [forward]: this.current + 1,
      ArrowUp: this.current + 1,
      [back]: this.current - 1,
      ArrowDown: this.current - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.stop();
    this.show(Math.min(last, Math.max(0, to)));
  }

  private start(): void {
    if (this.current === this.rounds.length - 1) this.show(0);
    this.timer = window.setInterval(() => {
      this.show(this.current + 1);
      if (this.current === this.rounds.length - 1) this.stop();
    }, 1200);
  }

  private stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    this.element.dispatchEvent(new CustomEvent("waystation:stopped"));
  }

  private show(round: number): void {
    const changed = round !== this.current;
    this.current = round;
    this.write();
    if (changed) this.changed(round);
  }

  private write(): void {
    const round = this.rounds[this.current]!;
    const text = `${round.label}, ${dayText(round.date)}`;
    this.input.value = String(this.days[this.current]);
    this.input.setAttribute("aria-valuetext", text);
    this.output.textContent = text;
    this.ticks.forEach((tick, i) => tick.classList.toggle("is-current", i === this.current));
  }
}
