// A convolution's input as it lies in x. `at` is a column of all images, a row and a slice.

struct Source { layer: i32 }

fn source_of(n: i32, block: i32) -> Source {
  return Source(block * params.input.z);
}

fn load_source(source: Source, at: vec3i) -> vec4f {
  return load_x(at.x, at.y, source.layer + at.z);
}
