#include <core/concurrency.hpp>

#include <algorithm>
#include <cassert>

#include "text.hpp"

namespace headrace {
namespace {

std::size_t at(int counter) { return static_cast<std::size_t>(counter); }

int limit_of(const std::map<std::string, int>& limits, const std::string& name, int otherwise) {
  const auto found = limits.find(name);
  return found == limits.end() ? otherwise : found->second;
}

}  // namespace

void Concurrency::add(Counters& counters, const std::string& name, int limit) {
  if (limit <= 0) return;
  const auto [found, is_new] = by_name_.emplace(name, static_cast<int>(counters_.size()));
  if (is_new) counters_.push_back({name, limit});
  counters.push_back(found->second);
}

Concurrency::Counters Concurrency::of_run(const nlohmann::json& tags) {
  Counters counters;
  add(counters, "runs", limits_.runs);
  for (const auto& tag : limits_.run_tags) {
    const auto found = tags.find(tag.key);
    if (found == tags.end() || !found->is_string()) continue;
    const auto& value = found->get_ref<const std::string&>();
    if (tag.value.empty() || tag.value == value) add(counters, "runs tagged " + text::quote(tag.key + "=" + value), tag.limit);
  }
  std::sort(counters.begin(), counters.end());
  counters.erase(std::unique(counters.begin(), counters.end()), counters.end());
  return counters;
}

Concurrency::Counters Concurrency::of_step(const std::string& code_location, const std::string& pool) {
  Counters counters;
  add(counters, "steps", limits_.steps);
  add(counters, "code location " + text::quote(code_location), limit_of(limits_.code_locations, code_location, 0));
  if (!pool.empty()) add(counters, "pool " + text::quote(pool), limit_of(limits_.pools, pool, limits_.default_pool));
  std::sort(counters.begin(), counters.end());
  return counters;
}

bool Concurrency::is_free(const Counters& counters) const {
  return std::all_of(counters.begin(), counters.end(),
                     [this](int counter) { return counters_[at(counter)].taken < counters_[at(counter)].limit; });
}

void Concurrency::take(const Counters& counters) {
  for (const int counter : counters) ++counters_[at(counter)].taken;
}

void Concurrency::release(const Counters& counters) {
  for (const int counter : counters) {
    assert(counters_[at(counter)].taken > 0);
    --counters_[at(counter)].taken;
  }
}

std::string Concurrency::full(const Counters& counters) const {
  for (const int index : counters) {
    const auto& counter = counters_[at(index)];
    if (counter.taken >= counter.limit) return counter.name + " (limit " + std::to_string(counter.limit) + ")";
  }
  return {};
}

}  // namespace headrace
