// Lines along y or z.

// Lines go along z, the layers of a channel, else along y.
override ALONG_Z: bool = false;

// Column, row and layer of a place on the line that starts at an origin.
fn along(origin: vec3i, place: i32) -> vec3i {
  return origin + select(vec3i(0, place, 0), vec3i(0, 0, place), ALONG_Z);
}
