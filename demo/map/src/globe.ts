import type { Box } from '@quake-desk/contracts/selection';
import { type GeoProjection, geoEqualEarth, geoPath } from 'd3-geo';
import type { Polygon } from 'geojson';

// The Pacific in the middle: the ring where most earthquakes are is not cut in two.
const worldCentre = 162;

/** The projection of what the map shows now, with the questions that a box needs. */
export class Globe {
  readonly projection: GeoProjection;
  readonly centre: number;
  readonly #width: number;
  readonly #height: number;

  constructor(width: number, height: number, view: Box | null) {
    this.#width = width;
    this.#height = height;
    this.centre = view ? wrap(view.west + span(view) / 2) : worldCentre;
    this.projection = geoEqualEarth().rotate([-this.centre, 0]).precision(0.4);
    const pad = Math.min(28, width * 0.06);
    if (view) {
      const corners = outline(view).coordinates[0] ?? [];
      this.projection.fitExtent(
        [
          [pad, pad],
          [width - pad, height - pad],
        ],
        { type: 'MultiPoint', coordinates: corners },
      );
      this.projection.clipExtent([
        [-2, -2],
        [width + 2, height + 2],
      ]);
    } else {
      this.projection.fitExtent(
        [
          [6, 14],
          [width - 6, height - 10],
        ],
        { type: 'Sphere' },
      );
    }
  }

  /** Where a point of the globe is on the screen; `null` when it is outside. */
  locate(longitude: number, latitude: number): readonly [number, number] | null {
    const point = this.projection([longitude, latitude]);
    if (!point) return null;
    const [x, y] = point;
    return x < -20 || y < -20 || x > this.#width + 20 || y > this.#height + 20 ? null : [x, y];
  }

  /** The longitude (from the centre, -180 to 180) and latitude under a point of the screen, clamped to the globe. */
  pointAt(x: number, y: number): readonly [number, number] {
    const [centreX] = this.projection([this.centre, 0]) ?? [0];
    const latitude = clamp(this.projection.invert?.([centreX, y])?.[1] ?? (y < this.#height / 2 ? 90 : -90), -90, 90);
    const left = this.projection([this.centre - 179.99, latitude])?.[0] ?? 0;
    const right = this.projection([this.centre + 179.99, latitude])?.[0] ?? this.#width;
    const longitude = this.projection.invert?.([clamp(x, left, right), y])?.[0] ?? this.centre;
    return [clamp(wrap(longitude - this.centre), -180, 180), latitude];
  }

  /** The box between two points of the screen. */
  boxBetween(start: readonly [number, number], end: readonly [number, number]): Box {
    const [u0, v0] = this.pointAt(...start);
    const [u1, v1] = this.pointAt(...end);
    return this.box(Math.min(u0, u1), Math.min(v0, v1), Math.max(u0, u1), Math.max(v0, v1));
  }

  /** A box from longitudes that count from the centre, rounded to a tenth of a degree. */
  box(left: number, south: number, right: number, north: number): Box {
    return {
      west: round(wrap(left + this.centre)),
      south: round(clamp(south, -90, 90)),
      east: round(wrap(right + this.centre)),
      north: round(clamp(north, -90, 90)),
    };
  }

  path(context: CanvasRenderingContext2D): ReturnType<typeof geoPath> {
    return geoPath(this.projection, context);
  }
}

/** How many degrees of longitude a box is wide. */
export function span({ west, east }: Box): number {
  return east >= west ? east - west : east - west + 360;
}

/** A box as a polygon whose edges follow the parallels. */
export function outline(box: Box): Polygon {
  const width = span(box);
  const steps = Math.max(2, Math.ceil(width / 2));
  const along = (latitude: number, from: number, to: number): [number, number][] =>
    Array.from({ length: steps + 1 }, (_, step) => [
      box.west + width * (from + ((to - from) * step) / steps),
      latitude,
    ]);
  const ring = [...along(box.north, 0, 1), ...along(box.south, 1, 0)];
  const [first] = ring;
  return { type: 'Polygon', coordinates: [first ? [...ring, first] : ring] };
}

/** A longitude between -180 and 180. */
export function wrap(longitude: number): number {
  return ((((longitude + 180) % 360) + 360) % 360) - 180;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

function round(degrees: number): number {
  return Math.round(degrees * 10) / 10;
}
