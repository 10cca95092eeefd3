/**
 * The traffic light day by day: the zone of each 250 windows on end.
 */
import {
  TRAFFIC_LIGHT_DAYS,
  type TrafficLight,
  trafficLight,
  trafficLights,
} from "../statistics/traffic-light.ts";

export interface Lights {
  /** Zone of the newest 250 windows. */
  readonly zone: TrafficLight;
  /** The worst zone that any 250 windows on end were in. */
  readonly worst: TrafficLight;
  /** Days on which the 250 windows before were in each zone. */
  readonly green: number;
  readonly yellow: number;
  readonly red: number;
}

/** Undefined for fewer than 250 windows. */
export function lightsOf(exceeded: readonly boolean[], share: number): Lights | undefined {
  if (exceeded.length < TRAFFIC_LIGHT_DAYS) return undefined;
  const days = { green: 0, yellow: 0, red: 0 };
  const zones = new Map<number, TrafficLight>();
  const zoneOf = (x: number): TrafficLight => {
    const zone = zones.get(x) ?? trafficLight(x, TRAFFIC_LIGHT_DAYS, share);
    zones.set(x, zone);
    return zone;
  };
  let zone: TrafficLight = "green";
  let x = 0;
  for (const [i, over] of exceeded.entries()) {
    x += Number(over) - Number(exceeded[i - TRAFFIC_LIGHT_DAYS] ?? false);
    if (i + 1 < TRAFFIC_LIGHT_DAYS) continue;
    zone = zoneOf(x);
    days[zone] += 1;
  }
  const worst = trafficLights.findLast((light) => days[light] > 0)!;
  return { zone, worst, ...days };
}
