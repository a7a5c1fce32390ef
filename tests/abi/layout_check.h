/* Compiled by every compiler and standard of compile_matrix: the layout of plugin.h is the written
 * one. */
#include <stddef.h>
#include <unigate/plugin.h>
#ifdef __cplusplus
#define UG_LAYOUT_ASSERT(condition) static_assert(condition, #condition)
#define UG_LAYOUT_ALIGNOF alignof
#else
#define UG_LAYOUT_ASSERT(condition) _Static_assert(condition, #condition)
#define UG_LAYOUT_ALIGNOF _Alignof
#endif
#include "layout.inc"
