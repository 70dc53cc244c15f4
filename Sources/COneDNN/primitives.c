// The primitives that the engine uses, for both generations of oneDNN.
#include <stdlib.h>

#include "handles.h"

#if ODNN_GENERATION >= 3
typedef const_dnnl_memory_desc_t layout_pointer;
#else
typedef const dnnl_memory_desc_t *layout_pointer;
#endif

static layout_pointer desc_of(const odnn_layout *layout) { return layout ? layout->desc : NULL; }

static const dnnl_dims_t no_dilation = {0, 0};

int odnn_finish(odnn_primitive **out, dnnl_status_t status, dnnl_primitive_desc_t desc) {
  *out = NULL;
  if (status != dnnl_success) return status;
  odnn_primitive *p = calloc(1, sizeof *p);
  p->desc = desc;
  status = dnnl_primitive_create(&p->primitive, desc);
  if (status != dnnl_success) {
    dnnl_primitive_desc_destroy(desc);
    free(p);
    return status;
  }
  *out = p;
  return dnnl_success;
}

void odnn_primitive_destroy(odnn_primitive *p) {
  if (!p) return;
  dnnl_primitive_destroy(p->primitive);
  dnnl_primitive_desc_destroy(p->desc);
  free(p);
}

static dnnl_prop_kind_t forward_kind(bool training) {
  return training ? dnnl_forward_training : dnnl_forward_inference;
}

// Post-operations in the fixed order addend, accumulate, relu: ODNN_ADDEND is number 0.
static dnnl_status_t epilogue_attributes(dnnl_primitive_attr_t *out, odnn_epilogue e) {
  *out = NULL;
  if (!e.relu && !e.addend && !e.accumulate) return dnnl_success;
  dnnl_post_ops_t ops;
  dnnl_status_t s = dnnl_post_ops_create(&ops);
  if (s != dnnl_success) return s;
  if (e.addend) s = dnnl_post_ops_append_binary(ops, dnnl_binary_add, e.addend->desc);
#if ODNN_GENERATION >= 3
  if (!s && e.accumulate) s = dnnl_post_ops_append_sum(ops, 1.f, 0, dnnl_data_type_undef);
  if (!s && e.relu) s = dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0.f, 0.f);
#else
  if (!s && e.accumulate) s = dnnl_post_ops_append_sum(ops, 1.f);
  if (!s && e.relu) s = dnnl_post_ops_append_eltwise(ops, 1.f, dnnl_eltwise_relu, 0.f, 0.f);
#endif
  if (!s) s = dnnl_primitive_attr_create(out);
  if (!s) s = dnnl_primitive_attr_set_post_ops(*out, ops);
  dnnl_post_ops_destroy(ops);
  return s;
}

#if ODNN_GENERATION < 3
// Second step of creation in oneDNN 2: an operation descriptor becomes a primitive descriptor.
#define CREATE(desc_status, op)                                                             \
  dnnl_primitive_desc_t pd = NULL;                                                          \
  dnnl_status_t s = (desc_status);                                                          \
  if (s == dnnl_success) s = dnnl_primitive_desc_create(&pd, &(op), attr, odnn_engine(), hint)
#endif

// Winograd's algorithm exists in oneDNN 2 on AVX-512 alone; elsewhere creation fails.
static dnnl_alg_kind_t algorithm_of(odnn_window w) {
  return w.winograd ? dnnl_convolution_winograd : dnnl_convolution_direct;
}

// Convolution backward passes need a forward descriptor as hint; only its shapes matter.
static dnnl_status_t convolution_hint(dnnl_primitive_desc_t *pd, const odnn_layout *src, const odnn_layout *weights,
                                      const odnn_layout *bias, const odnn_layout *dst, odnn_window w) {
#if ODNN_GENERATION >= 3
  return dnnl_convolution_forward_primitive_desc_create(pd, odnn_engine(), dnnl_forward_training,
      algorithm_of(w), src->desc, weights->desc, desc_of(bias), dst->desc, w.strides, no_dilation, w.padding,
      w.padding, NULL);
#else
  dnnl_convolution_desc_t d;
  dnnl_status_t s = dnnl_dilated_convolution_forward_desc_init(&d, dnnl_forward_training, algorithm_of(w),
      src->desc, weights->desc, desc_of(bias), dst->desc, w.strides, no_dilation, w.padding, w.padding);
  return s ? s : dnnl_primitive_desc_create(pd, &d, NULL, odnn_engine(), NULL);
#endif
}

int odnn_convolution_forward(odnn_primitive **out, bool training, const odnn_layout *src, const odnn_layout *weights,
                             const odnn_layout *bias, const odnn_layout *dst, odnn_window w, odnn_epilogue e) {
  dnnl_primitive_attr_t attr;
  int failed = epilogue_attributes(&attr, e);
  if (failed) return failed;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_convolution_forward_primitive_desc_create(&pd, odnn_engine(), forward_kind(training),
      algorithm_of(w), src->desc, weights->desc, desc_of(bias), dst->desc, w.strides, no_dilation, w.padding,
      w.padding, attr);
#else
  dnnl_primitive_desc_t hint = NULL;
  dnnl_convolution_desc_t d;
  CREATE(dnnl_dilated_convolution_forward_desc_init(&d, forward_kind(training), algorithm_of(w), src->desc,
      weights->desc, desc_of(bias), dst->desc, w.strides, no_dilation, w.padding, w.padding), d);
#endif
  if (attr) dnnl_primitive_attr_destroy(attr);
  return odnn_finish(out, s, pd);
}

int odnn_convolution_backward_data(odnn_primitive **out, const odnn_layout *diff_src, const odnn_layout *weights,
                                   const odnn_layout *diff_dst, odnn_window w) {
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t failed = convolution_hint(&hint, diff_src, weights, NULL, diff_dst, w);
  *out = NULL;
  if (failed) return failed;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_convolution_backward_data_primitive_desc_create(&pd, odnn_engine(), algorithm_of(w),
      diff_src->desc, weights->desc, diff_dst->desc, w.strides, no_dilation, w.padding, w.padding, hint, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  dnnl_convolution_desc_t d;
  CREATE(dnnl_dilated_convolution_backward_data_desc_init(&d, algorithm_of(w), diff_src->desc, weights->desc,
      diff_dst->desc, w.strides, no_dilation, w.padding, w.padding), d);
#endif
  dnnl_primitive_desc_destroy(hint);
  return odnn_finish(out, s, pd);
}

int odnn_convolution_backward_weights(odnn_primitive **out, const odnn_layout *src, const odnn_layout *diff_weights,
                                      const odnn_layout *diff_bias, const odnn_layout *diff_dst, odnn_window w) {
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t failed = convolution_hint(&hint, src, diff_weights, diff_bias, diff_dst, w);
  *out = NULL;
  if (failed) return failed;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_convolution_backward_weights_primitive_desc_create(&pd, odnn_engine(),
      algorithm_of(w), src->desc, diff_weights->desc, desc_of(diff_bias), diff_dst->desc, w.strides,
      no_dilation, w.padding, w.padding, hint, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  dnnl_convolution_desc_t d;
  CREATE(dnnl_dilated_convolution_backward_weights_desc_init(&d, algorithm_of(w), src->desc,
      diff_weights->desc, desc_of(diff_bias), diff_dst->desc, w.strides, no_dilation, w.padding, w.padding), d);
#endif
  dnnl_primitive_desc_destroy(hint);
  return odnn_finish(out, s, pd);
}

int odnn_inner_product_forward(odnn_primitive **out, bool training, const odnn_layout *src,
                               const odnn_layout *weights, const odnn_layout *bias, const odnn_layout *dst,
                               odnn_epilogue e) {
  dnnl_primitive_attr_t attr;
  int failed = epilogue_attributes(&attr, e);
  if (failed) return failed;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_inner_product_forward_primitive_desc_create(&pd, odnn_engine(), forward_kind(training),
      src->desc, weights->desc, desc_of(bias), dst->desc, attr);
#else
  dnnl_primitive_desc_t hint = NULL;
  dnnl_inner_product_desc_t d;
  CREATE(dnnl_inner_product_forward_desc_init(&d, forward_kind(training), src->desc, weights->desc, desc_of(bias),
      dst->desc), d);
#endif
  if (attr) dnnl_primitive_attr_destroy(attr);
  return odnn_finish(out, s, pd);
}

static dnnl_status_t inner_product_hint(dnnl_primitive_desc_t *pd, const odnn_layout *src, const odnn_layout *weights,
                                        const odnn_layout *bias, const odnn_layout *dst) {
#if ODNN_GENERATION >= 3
  return dnnl_inner_product_forward_primitive_desc_create(pd, odnn_engine(), dnnl_forward_training, src->desc,
      weights->desc, desc_of(bias), dst->desc, NULL);
#else
  dnnl_inner_product_desc_t d;
  dnnl_status_t s = dnnl_inner_product_forward_desc_init(&d, dnnl_forward_training, src->desc, weights->desc,
      desc_of(bias), dst->desc);
  return s ? s : dnnl_primitive_desc_create(pd, &d, NULL, odnn_engine(), NULL);
#endif
}

int odnn_inner_product_backward_data(odnn_primitive **out, const odnn_layout *diff_src, const odnn_layout *weights,
                                     const odnn_layout *diff_dst) {
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t failed = inner_product_hint(&hint, diff_src, weights, NULL, diff_dst);
  *out = NULL;
  if (failed) return failed;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_inner_product_backward_data_primitive_desc_create(&pd, odnn_engine(), diff_src->desc,
      weights->desc, diff_dst->desc, hint, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  dnnl_inner_product_desc_t d;
  CREATE(dnnl_inner_product_backward_data_desc_init(&d, diff_src->desc, weights->desc, diff_dst->desc), d);
#endif
  dnnl_primitive_desc_destroy(hint);
  return odnn_finish(out, s, pd);
}

int odnn_inner_product_backward_weights(odnn_primitive **out, const odnn_layout *src, const odnn_layout *diff_weights,
                                        const odnn_layout *diff_bias, const odnn_layout *diff_dst) {
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t failed = inner_product_hint(&hint, src, diff_weights, diff_bias, diff_dst);
  *out = NULL;
  if (failed) return failed;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_inner_product_backward_weights_primitive_desc_create(&pd, odnn_engine(), src->desc,
      diff_weights->desc, desc_of(diff_bias), diff_dst->desc, hint, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  dnnl_inner_product_desc_t d;
  CREATE(dnnl_inner_product_backward_weights_desc_init(&d, src->desc, diff_weights->desc, desc_of(diff_bias),
      diff_dst->desc), d);
#endif
  dnnl_primitive_desc_destroy(hint);
  return odnn_finish(out, s, pd);
}

static dnnl_alg_kind_t algorithm(odnn_kind kind) {
  switch (kind) {
    case ODNN_RELU: return dnnl_eltwise_relu_use_dst_for_bwd;
    case ODNN_TANH: return dnnl_eltwise_tanh_use_dst_for_bwd;
    case ODNN_LOGISTIC: return dnnl_eltwise_logistic_use_dst_for_bwd;
    case ODNN_ADD: return dnnl_binary_add;
    case ODNN_MULTIPLY: return dnnl_binary_mul;
    case ODNN_MAX_POOL: return dnnl_pooling_max;
    // No pooling window is padded, so whether padding counts never matters.
    case ODNN_AVERAGE_POOL: return dnnl_pooling_avg_exclude_padding;
  }
  return dnnl_alg_kind_undef;
}

int odnn_pooling_forward(odnn_primitive **out, bool training, odnn_kind kind, const odnn_layout *src,
                         const odnn_layout *dst, odnn_window w) {
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_pooling_forward_primitive_desc_create(&pd, odnn_engine(), forward_kind(training),
      algorithm(kind), src->desc, dst->desc, w.strides, w.kernel, no_dilation, w.padding, w.padding, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_pooling_v2_desc_t d;
  CREATE(dnnl_pooling_v2_forward_desc_init(&d, forward_kind(training), algorithm(kind), src->desc, dst->desc,
      w.strides, w.kernel, no_dilation, w.padding, w.padding), d);
#endif
  return odnn_finish(out, s, pd);
}

int odnn_pooling_backward(odnn_primitive **out, odnn_kind kind, const odnn_layout *diff_src,
                          const odnn_layout *diff_dst, odnn_window w, const odnn_primitive *forward) {
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_pooling_backward_primitive_desc_create(&pd, odnn_engine(), algorithm(kind), diff_src->desc,
      diff_dst->desc, w.strides, w.kernel, no_dilation, w.padding, w.padding, forward->desc, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  const_dnnl_primitive_desc_t hint = forward->desc;
  dnnl_pooling_v2_desc_t d;
  CREATE(dnnl_pooling_v2_backward_desc_init(&d, algorithm(kind), diff_src->desc, diff_dst->desc, w.strides, w.kernel,
      no_dilation, w.padding, w.padding), d);
#endif
  return odnn_finish(out, s, pd);
}

int odnn_batch_normalization_forward(odnn_primitive **out, bool training, bool statistics, const odnn_layout *layout,
                                     float epsilon, bool relu) {
  unsigned flags = dnnl_use_scale | dnnl_use_shift;
  if (relu) flags |= dnnl_fuse_norm_relu;
  if (!statistics) flags |= dnnl_use_global_stats;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_batch_normalization_forward_primitive_desc_create(&pd, odnn_engine(), forward_kind(training),
      layout->desc, layout->desc, epsilon, flags, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_batch_normalization_desc_t d;
  CREATE(dnnl_batch_normalization_forward_desc_init(&d, forward_kind(training), layout->desc, epsilon, flags), d);
#endif
  return odnn_finish(out, s, pd);
}

int odnn_batch_normalization_backward(odnn_primitive **out, bool statistics, const odnn_layout *layout, float epsilon,
                                      bool relu, const odnn_primitive *forward) {
  unsigned flags = dnnl_use_scale | dnnl_use_shift;
  if (!statistics) flags |= dnnl_use_global_stats;
  if (relu) flags |= dnnl_fuse_norm_relu;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_batch_normalization_backward_primitive_desc_create(&pd, odnn_engine(), dnnl_backward,
      layout->desc, layout->desc, layout->desc, epsilon, flags, forward->desc, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  const_dnnl_primitive_desc_t hint = forward->desc;
  dnnl_batch_normalization_desc_t d;
  CREATE(dnnl_batch_normalization_backward_desc_init(&d, dnnl_backward, layout->desc, layout->desc, epsilon, flags),
      d);
#endif
  int failed = odnn_finish(out, s, pd);
  if (!failed) (*out)->ignores_shift = ODNN_GENERATION >= 3;
  return failed;
}

// The forward descriptor of an activation, which the backward pass takes as its hint.
static dnnl_status_t activation_desc(dnnl_primitive_desc_t *pd, odnn_kind kind, const odnn_layout *layout) {
#if ODNN_GENERATION >= 3
  return dnnl_eltwise_forward_primitive_desc_create(pd, odnn_engine(), dnnl_forward_training, algorithm(kind),
      layout->desc, layout->desc, 0.f, 0.f, NULL);
#else
  dnnl_eltwise_desc_t d;
  dnnl_status_t s = dnnl_eltwise_forward_desc_init(&d, dnnl_forward_training, algorithm(kind), layout->desc, 0.f, 0.f);
  return s ? s : dnnl_primitive_desc_create(pd, &d, NULL, odnn_engine(), NULL);
#endif
}

int odnn_activation_forward(odnn_primitive **out, odnn_kind kind, const odnn_layout *layout) {
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = activation_desc(&pd, kind, layout);
  return odnn_finish(out, s, pd);
}

int odnn_activation_backward(odnn_primitive **out, odnn_kind kind, const odnn_layout *layout) {
  dnnl_primitive_desc_t hint = NULL;
  dnnl_status_t failed = activation_desc(&hint, kind, layout);
  *out = NULL;
  if (failed) return failed;
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_eltwise_backward_primitive_desc_create(&pd, odnn_engine(), algorithm(kind), layout->desc,
      layout->desc, layout->desc, 0.f, 0.f, hint, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  dnnl_eltwise_desc_t d;
  CREATE(dnnl_eltwise_backward_desc_init(&d, algorithm(kind), layout->desc, layout->desc, 0.f, 0.f), d);
#endif
  dnnl_primitive_desc_destroy(hint);
  return odnn_finish(out, s, pd);
}

int odnn_binary(odnn_primitive **out, odnn_kind kind, const odnn_layout *layout) {
#if ODNN_GENERATION >= 3
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_binary_primitive_desc_create(&pd, odnn_engine(), algorithm(kind), layout->desc, layout->desc,
      layout->desc, NULL);
#else
  const_dnnl_primitive_attr_t attr = NULL;
  dnnl_primitive_desc_t hint = NULL;
  dnnl_binary_desc_t d;
  CREATE(dnnl_binary_desc_init(&d, algorithm(kind), layout->desc, layout->desc, layout->desc), d);
#endif
  return odnn_finish(out, s, pd);
}

int odnn_reorder(odnn_primitive **out, const odnn_layout *from, const odnn_layout *to) {
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t s = dnnl_reorder_primitive_desc_create(&pd, from->desc, odnn_engine(), to->desc, odnn_engine(), NULL);
  return odnn_finish(out, s, pd);
}
