/** Tests of the traffic light along a study: every 250 windows on end, against counting anew. */
import { describe, expect, it } from "vitest";
import { trafficLight } from "../statistics/traffic-light.ts";
import { lightsOf } from "./lights.ts";
import { uniforms } from "./synthetic.test-kit.ts";

describe("the lights of a study", () => {
  it("are those of each 250 windows, counted anew", () => {
    const uniform = uniforms(12);
    const exceeded = Array.from({ length: 900 }, (_, i) => uniform() < (i < 500 ? 0.01 : 0.05));
    const days = { green: 0, yellow: 0, red: 0 };
    let newest = "";
    for (let end = 250; end <= exceeded.length; end++) {
      const x = exceeded.slice(end - 250, end).filter(Boolean).length;
      newest = trafficLight(x, 250, 0.01);
      days[trafficLight(x, 250, 0.01)] += 1;
    }
    expect(days.green * days.yellow * days.red).toBeGreaterThan(0);
    expect(lightsOf(exceeded, 0.01)).toEqual({ ...days, zone: newest, worst: "red" });
  });

  it("are none of fewer than 250", () => {
    expect(lightsOf(new Array(249).fill(false), 0.01)).toBeUndefined();
    expect(lightsOf(new Array(250).fill(false), 0.01)).toEqual({
      zone: "green",
      worst: "green",
      green: 1,
      yellow: 0,
      red: 0,
    });
  });
});
