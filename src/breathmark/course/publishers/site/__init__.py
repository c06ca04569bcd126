"""The publisher ``site``: pages for listeners."""

from breathmark.course.publishers.site.publisher import SitePublisher

__all__ = ["SitePublisher"]
