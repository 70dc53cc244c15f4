import WeightSpace

/// One linear map of a network: y = W x + b of a dense layer, or of a convolution at each of its
/// output pixels, where x is the patch that the kernel covers.
public struct LinearMap: Sendable, Equatable {
  /// The tensor [O, …] of W and, where there is one, that of b.
  public let weight: String
  public let bias: String?
  /// The length of x, that of W's rows in their order: I, or I·k·k of a convolution.
  public let inputs: Int
  /// The length of y.
  public let outputs: Int
  /// T, how often an example uses the map: once, or at each output pixel.
  public let places: Int

  public init(weight: String, bias: String?, inputs: Int, outputs: Int, places: Int) {
    self.weight = weight
    self.bias = bias
    self.inputs = inputs
    self.outputs = outputs
    self.places = places
  }
}

/// An objective that shows what goes through the linear maps of its network: what Kronecker factors
/// (Martens & Grosse, "Optimizing neural networks with Kronecker-factored approximate curvature",
/// ICML 2015) and norms of single examples' gradients are made of.
public protocol TappedObjective<Batch>: Objective, ~Copyable {
  /// In the order of their weights.
  var linearMaps: [LinearMap] { get }

  /// What `valueAndGradient` is, and then `taps` for every linear map in turn: its inputs
  /// [N·T, inputs] and ∂loss/∂y [N·T, outputs], row-major, the places of an example one after the
  /// other. The loss is the batch's mean, so an example's own gradients are N times as large. The
  /// gradient by W is Σ over rows of (∂loss/∂y) xᵀ.
  mutating func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: Batch, _ step: Step,
    gradient: inout WeightVector,
    taps: (_ map: LinearMap, _ inputs: Span<Float>, _ gradients: Span<Float>) throws -> Void
  ) throws -> BatchResult
}
