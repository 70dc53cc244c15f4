import Objectives
import WeightSpace

/// A rule made of transforms, applied in their order in one pass over memory.
///
///     update ← ∇L;   update ← tₖ(update) for each transform;   w ← w − update
///
/// A chain of the parts of SGD or AdamW has the bits of the fused rule. Memory: the transforms'
/// vectors and a few chunks. Cost: one pass over w, the gradient and the transforms' vectors, and
/// what `begin` and `finish` of each take.
public final class Chain: Optimizer {
  public let transforms: [any Transform]
  public var updateCount = 0

  public init(_ transforms: [any Transform]) { self.transforms = transforms }

  public var vectors: [StateVector] { transforms.flatMap(\.vectors) }

  public var numbers: [StateNumber] {
    get { [StateNumber("update_count", updateCount)] + transforms.flatMap(\.numbers) }
    set {
      updateCount = newValue.count("update_count")
      for transform in transforms { transform.numbers = newValue }
    }
  }

  public func start(at weights: borrowing WeightVector) {
    for transform in transforms { transform.start(at: weights) }
  }

  public func update(
    _ weights: inout WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) {
    updateCount += 1
    for transform in transforms { transform.begin(weights, gradient: gradient, step) }
    pass(over: &weights, gradient: gradient)
    for transform in transforms { transform.finish(&weights, step) }
  }

  public var hasSolution: Bool { transforms.contains { $0.hasSolution } }

  public func writeSolution(
    of weights: borrowing WeightVector, into solution: inout WeightVector
  ) {
    guard let transform = transforms.last(where: { $0.hasSolution }) else {
      return solution.copy(from: weights)
    }
    transform.writeSolution(of: weights, into: &solution)
  }

  // MARK: The pass

  /// The update, the weights and a state vector or two of so many elements stay in a first-level
  /// cache, and those of the next range beside them, which arrive meanwhile.
  private static let length = 512

  private func pass(over weights: inout WeightVector, gradient: borrowing WeightVector) {
    precondition(gradient.count == weights.count, "an element of the gradient for each weight")
    // The vectors live as long as their transforms.
    let addresses = unsafe vectors.map { vector in
      unsafe vector.values.withUnsafeMutableBufferPointer { unsafe $0 }
    }
    var ends: [Int] = []
    for transform in transforms { ends.append((ends.last ?? 0) + transform.vectors.count) }
    let factors = transforms.map(\.factor)
    unsafe addresses.withUnsafeBufferPointer { addresses in
      unsafe gradient.withUnsafeBufferPointer { gradient in
        unsafe weights.withUnsafeMutableBufferPointer { weights in
          unsafe Pass(
            transforms: transforms, factors: factors, ends: ends, states: addresses,
            gradient: gradient, weights: weights
          ).run(length: Self.length)
        }
      }
    }
  }
}

/// One pass of a chain: what its ranges share. Sendable: `apply` only reads its transform, and the
/// ranges of two calls are disjoint.
@safe private struct Pass: @unchecked Sendable {
  let transforms: [any Transform]
  let factors: [Float?]
  /// Where the vectors of each transform end in `states`.
  let ends: [Int]
  let states: UnsafeBufferPointer<UnsafeMutableBufferPointer<Float>>
  let gradient: UnsafeBufferPointer<Float>
  let weights: UnsafeMutableBufferPointer<Float>

  func run(length: Int) {
    forEachChunk(count: unsafe weights.count) { chunk in
      unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: length) { scratch in
        for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: length) {
          let range = start..<min(start + length, chunk.upperBound)
          prefetch(range.upperBound..<min(range.upperBound + length, chunk.upperBound))
          let part = scratch.extracting(0..<range.count)
          _ = unsafe part.update(fromContentsOf: gradient.extracting(range))
          var update = unsafe part.mutableSpan
          apply(to: &update, range)
        }
      }
    }
  }

  /// Has what a range reads in a first-level cache soon: each vector is a stream of its own, and
  /// processors look no further ahead than a page.
  private func prefetch(_ range: Range<Int>) {
    unsafe gradient.extracting(range).prefetch()
    unsafe UnsafeBufferPointer(weights.extracting(range)).prefetch()
    for k in unsafe states.indices {
      unsafe UnsafeBufferPointer(states[k].extracting(range)).prefetch()
    }
  }

  private func apply(to update: inout MutableSpan<Float>, _ range: Range<Int>) {
    var w = unsafe weights.extracting(range).mutableSpan
    // The last factor is taken together with the weights' move.
    let last = factors.last ?? nil
    var first = 0
    for k in factors.indices.dropLast(last == nil ? 0 : 1) {
      if let factor = factors[k] {
        if factor != 1 { update.scale(by: factor) }
      } else {
        let own = unsafe states.extracting(first..<ends[k])
        unsafe transforms[k].apply(to: &update, &w, StateRange(range, of: own))
      }
      first = ends[k]
    }
    w.subtract(scaled: last ?? 1, update.span)
  }
}
