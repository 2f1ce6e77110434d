// The properties that our clients run with: our defaults, then the user's raw properties, then what the guarantees rest on.
#pragma once

#include "config/settings.hpp"
#include "kafka/admin_client.hpp"
#include "kafka/consumer.hpp"
#include "kafka/handles.hpp"
#include "kafka/producer.hpp"

#include <string>
#include <utility>
#include <vector>

namespace tocsin::kafka {

using properties = std::vector<std::pair<std::string, std::string>>;

// In the order in which they are set; a later one wins.
[[nodiscard]] properties consumer_properties(const config::kafka_settings& settings, const std::string& client_id);
[[nodiscard]] properties producer_properties(const producer_options& options);
[[nodiscard]] properties admin_properties(const admin_options& options);

[[nodiscard]] bool uses_consumer_protocol(const properties& all); // group.protocol=consumer (KIP-848)
[[nodiscard]] bool reads_uncommitted(const properties& all);      // isolation.level=read_uncommitted

enum class client_kind { consumer, producer };

// Throws configuration_error, naming the property. Logs come as events on the client's main queue.
[[nodiscard]] client_handle make_client(client_kind kind, const properties& all);

} // namespace tocsin::kafka
