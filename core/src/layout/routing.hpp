// The ways of the edges: each is put together from the pieces that the layouts of the groups, and the one between them, keep
// free. Private to core.
#pragma once

#include "group.hpp"

namespace headrace::layout {

/// An edge's way from left to right, in whole pixels.
class Way {
 public:
  void go_level(float left, float right, float y);
  /// Where it is now, if it has gone anywhere.
  float height(float otherwise) const { return points_.empty() ? otherwise : points_.back().second; }
  std::vector<std::pair<float, float>> take() { return std::move(points_); }

 private:
  std::vector<std::pair<float, float>> points_;
};

class Routing {
 public:
  Routing(Layout& drawing, const std::vector<Group>& groups, const Placement& outer);
  /// Adds the edge's route to the drawing, if the direct way is not free. From and to: positions in `Layout::assets`.
  void add(int from, int to);

 private:
  struct End {
    int group, place;  ///< `place`: the card's in its group
    Port port;
    float y;
  };
  End end_of(int card, Port port) const;
  void within(Way& way, const End& from, const End& to) const;
  void across(Way& way, const End& left, const End& right) const;
  void leave_group(Way& way, const End& end) const;
  void enter_group(Way& way, const End& end) const;
  float origin_y(int group) const;  ///< of the group's own drawing
  /// Along pieces of the drawing of a group.
  void follow(Way& way, int group, const Route& route) const;

  Layout& drawing_;
  const std::vector<Group>& groups_;
  const Placement& outer_;
  std::vector<int> place_;  // of each card in its group
};

}  // namespace headrace::layout
