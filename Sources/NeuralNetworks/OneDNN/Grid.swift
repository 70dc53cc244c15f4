import COneDNN

/// The order of an image tensor's elements as the tangent pass's own loops know it: blocks of
/// channels side by side.
struct Grid {
  let c: odnn_grid

  /// nil for an order that the loops do not know.
  init?(_ layout: Layout) {
    let shape = layout.shape.map(Int64.init)
    let block = unsafe odnn_layout_block(layout.handle, Int32(shape.count), shape)
    guard block > 0 else { return nil }
    c = odnn_grid(
      images: shape[0], channels: shape[1], area: shape[2] * shape[3], block: Int64(block))
  }

  var channels: Int { Int(c.channels) }
  /// Channels with those that fill the last block up.
  var padded: Int { Int((c.channels + c.block - 1) / c.block * c.block) }
  /// N·H·W.
  var perChannel: Int { Int(c.images * c.area) }
}
