/// What random variates are for: the only way to name a stream, so that no two uses share a variate
/// whatever the seed. The code is the upper 16 bits of the stream's number; it never changes, because
/// results would.
public enum RandomPurpose: UInt16, Sendable, CaseIterable {
  /// First weights of a network; index: the tensor.
  case initialWeights = 0x4957
  /// Masks of dropout layers; index: the pass and the layer.
  case dropout = 0x444f
  /// Order of examples; index: the epoch.
  case permutation = 0x5045
  /// Crops and flips; index: the epoch.
  case augmentation = 0x4155
  /// Examples made from a seed; index: the example.
  case syntheticExample = 0x5359
  /// Noise of their pixels; index: the example.
  case pixelNoise = 0x4e4f
  /// Noise of Langevin steps; index: the step.
  case langevinNoise = 0x4c41
  /// Noise of the inner loop of a local entropy; index: its step.
  case localEntropyNoise = 0x4c45
  /// Draws from a Gaussian over weights, independent for each weight; index: the draw.
  case gaussianDiagonal = 0x4744
  /// The coefficients of its deviations; index: the draw.
  case gaussianDeviations = 0x4756
  /// Directions of a random subspace; index: the direction.
  case subspaceDirection = 0x5244
  /// A transition of a Markov chain; index: the chain and the transition.
  case chainTransition = 0x4d43
  /// Where a chain starts; index: the chain.
  case chainStart = 0x4353
  /// Variates of variational inference; index: the step.
  case variationalStep = 0x5649
  /// Draws from what it found; index: the sample.
  case variationalDraw = 0x5144
  /// Filter-normalised directions; index: the direction.
  case filterDirection = 0x504c
  /// Where on a curve a training step or a sample is; index: 0 for steps, 1 for samples.
  case curvePosition = 0x4355
  /// Examples drawn with replacement; index: the set and the replicate.
  case bootstrap = 0x4253

  /// Stream `index` of the purpose, from 0 to 2⁴⁸ − 1.
  public func stream(_ index: UInt64) -> StreamNumber {
    precondition(index < 1 << 48, "a purpose has 2⁴⁸ streams")
    return StreamNumber(UInt64(rawValue) << 48 | index)
  }

  public func stream(_ index: Int = 0) -> StreamNumber { stream(UInt64(index)) }
}

/// Which stream of a seed; made by `RandomPurpose.stream`.
public struct StreamNumber: Sendable, Equatable {
  let value: UInt64
  init(_ value: UInt64) { self.value = value }
}
