import COneDNN
import Objectives

/// Copies of a linear map's input and output gradient in a plan with taps, both row-major.
struct Tap {
  let node: Int
  /// [N, I] or [N, I, H, W].
  let input: Memory
  /// [N, O] or [N, O, H′, W′].
  let gradient: Memory
  /// Of a convolution.
  let window: Window?

  /// [N·T, inputs]: of a convolution the patches that the kernel covers, zero outside the image.
  func inputRows() -> [Float] {
    let (x, y) = (input.layout.shape, gradient.layout.shape)
    let source = unsafe input.buffer!.floats(x.reduce(1, *))
    guard let window else { return unsafe Array(source) }
    let (k, l) = window.kernel
    let width = x[1] * k * l
    var rows = [Float](repeating: 0, count: y[0] * y[2] * y[3] * width)
    for n in 0..<y[0] {
      for i in 0..<y[2] {
        for j in 0..<y[3] {
          let row = ((n * y[2] + i) * y[3] + j) * width
          for a in 0..<k {
            let r = i * window.stride + a - window.padding
            guard r >= 0, r < x[2] else { continue }
            for b in 0..<l {
              let s = j * window.stride + b - window.padding
              guard s >= 0, s < x[3] else { continue }
              for c in 0..<x[1] {
                rows[row + (c * k + a) * l + b] = unsafe source[
                  ((n * x[1] + c) * x[2] + r) * x[3] + s]
              }
            }
          }
        }
      }
    }
    return rows
  }

  /// [N·T, outputs].
  func gradientRows() -> [Float] {
    let shape = gradient.layout.shape
    let source = unsafe gradient.buffer!.floats(shape.reduce(1, *))
    let area = shape.dropFirst(2).reduce(1, *)
    var rows = [Float](repeating: 0, count: source.count)
    for n in 0..<shape[0] {
      for c in 0..<shape[1] {
        for p in 0..<area {
          rows[(n * area + p) * shape[1] + c] = unsafe source[(n * shape[1] + c) * area + p]
        }
      }
    }
    return rows
  }
}

extension PlanBuilder {
  /// Keeps what goes through node i's linear map where the plan has taps.
  mutating func tap(_ i: Int, _ input: Memory, _ gradient: Memory, window: Window? = nil) throws {
    guard options.contains(.taps) else { return }
    let copies = try [input, gradient].map { memory in
      let layout = try Layout(memory.layout.shape, ODNN_ROW_MAJOR)
      let copy = try Memory(layout, Buffer(byteCount: layout.byteCount))
      try run(
        Primitive.reorder(memory.layout, layout), [(ODNN_SRC, memory), (ODNN_DST, copy)],
        in: .backward)
      return copy
    }
    taps.append(Tap(node: i, input: copies[0], gradient: copies[1], window: window))
  }
}

extension Network {
  /// The linear map of node i; nil where it has none.
  func linearMap(_ i: Int) -> LinearMap? {
    let node = nodes[i]
    guard let weight = node.type.parameters.first, weight.role == .weight else { return nil }
    let bias = node.type.parameters.first { $0.role == .bias }
    return LinearMap(
      weight: node.tensorName(weight), bias: bias.map(node.tensorName),
      inputs: weight.shape.dropFirst().reduce(1, *), outputs: weight.shape[0],
      places: node.shape.dropFirst().reduce(1, *))
  }
}
