#include "api/admin_metrics.hpp"
#include "observe/exposition.hpp"

#include <gmock/gmock.h>

namespace tocsin::api {
namespace {

std::string text(const admin_metrics& of) {
  const prometheus::Collectable* const sources[]{&of};
  return observe::render(sources, observe::exposition::prometheus_text);
}

TEST(admin_metrics, known_series_are_at_zero_from_the_start) {
  const std::string fresh = text(admin_metrics({"/livez", "/v1/pause"}, {"pause"}));
  for (const char* line :
       {R"(tocsin_admin_requests_total{route="/livez",code="200"} 0)",
        R"(tocsin_admin_requests_total{route="/v1/pause",code="200"} 0)",
        R"(tocsin_admin_requests_total{route="other",code="404"} 0)",
        R"(tocsin_admin_mutations_total{action="pause",outcome="ok"} 0)",
        R"(tocsin_admin_mutations_total{action="pause",outcome="refused"} 0)",
        R"(tocsin_admin_mutations_total{action="pause",outcome="failed"} 0)", R"(tocsin_loop_lag_seconds_count{loop="admin"} 0)"})
    EXPECT_THAT(fresh, testing::HasSubstr(std::string(line) + "\n"));
}

TEST(admin_metrics, answers_are_counted_by_route_and_status) {
  admin_metrics metrics({"/livez"}, {"pause"});
  metrics.answered("/livez", 503);
  metrics.answered("/etc/passwd", 404);
  metrics.answered("other", 400);
  metrics.mutated("pause", mutation_outcome::refused);
  metrics.loop_lag(std::chrono::milliseconds(2));
  const std::string after = text(metrics);
  for (const char* line : {R"(tocsin_admin_requests_total{route="/livez",code="503"} 1)",
                           R"(tocsin_admin_requests_total{route="other",code="404"} 1)",
                           R"(tocsin_admin_requests_total{route="other",code="400"} 1)",
                           R"(tocsin_admin_mutations_total{action="pause",outcome="refused"} 1)",
                           R"(tocsin_loop_lag_seconds_bucket{loop="admin",le="0.005"} 1)"})
    EXPECT_THAT(after, testing::HasSubstr(std::string(line) + "\n"));
  EXPECT_THAT(after, testing::Not(testing::HasSubstr("passwd")));
}

} // namespace
} // namespace tocsin::api
