// Every limit of the gateway, with its unit in its name. Nothing grows without one of these.
#pragma once

#include <cstddef>
#include <cstdint>

namespace unigate::base::limits {

// HTTP edge.
inline constexpr std::size_t kHeadersMax = 100;
inline constexpr std::size_t kHeaderBytesMax = 16UL * 1024;
inline constexpr std::size_t kUriBytesMax = 8UL * 1024;
inline constexpr std::size_t kBodyBytesMax = 1024UL * 1024;
inline constexpr std::size_t kWebhookBodyBytesMax = 512UL * 1024;
inline constexpr std::int64_t kHeaderDeadlineMs = 10'000;
inline constexpr std::int64_t kBodyDeadlineMs = 30'000;
inline constexpr std::int64_t kKeepAliveMs = 15'000;
inline constexpr std::int64_t kWriteDeadlineMs = 30'000;
inline constexpr std::size_t kConnectionsMax = 16'384;
inline constexpr std::size_t kConnectionsPerAddressMax = 12'288;
inline constexpr std::size_t kPipelineDepthMax = 16;

// JSON from outside.
inline constexpr std::size_t kJsonDepthMax = 32;

// Plugins.
inline constexpr std::uint32_t kStepsPerCallMax = 16;
inline constexpr std::size_t kResponseBodyBytesMax = 1024UL * 1024;
inline constexpr std::size_t kRequestBodyBytesMax = 1024UL * 1024;
inline constexpr std::size_t kResultBytesMax = 1024UL * 1024;
inline constexpr std::uint32_t kUpstreamTimeoutMsMax = 60'000;
inline constexpr std::uint32_t kPluginFaultsBeforeQuarantine = 20;

// Operations.
inline constexpr std::size_t kOperationsInFlightMax = 10'000;
inline constexpr std::size_t kStoreQueueMax = 20'000;
inline constexpr std::size_t kIdempotencyKeyCharsMax = 255;
inline constexpr std::int64_t kIdempotencyKeyLifeMs = 24LL * 3600 * 1000;
inline constexpr std::size_t kListLimitMax = 100;
inline constexpr std::size_t kListLimitDefault = 10;
// Rows that a search looks at in one go of its loop, and for one page.
inline constexpr std::size_t kSearchSliceRowsMax = 1'000;
inline constexpr std::size_t kSearchRowsMax = 200'000;
inline constexpr std::size_t kSearchTermsMax = 20;
inline constexpr std::size_t kMetadataKeysMax = 50;
inline constexpr std::size_t kMetadataKeyCharsMax = 40;
inline constexpr std::size_t kMetadataValueCharsMax = 500;

static_assert(kWebhookBodyBytesMax <= kBodyBytesMax);
static_assert(kConnectionsPerAddressMax <= kConnectionsMax);
static_assert(kSearchSliceRowsMax <= kSearchRowsMax);
static_assert(kListLimitDefault <= kListLimitMax);
static_assert(kIdempotencyKeyLifeMs >= 24LL * 3600 * 1000,
              "money-safety.md: keys live at least 24 h");

}  // namespace unigate::base::limits
