"""The cloud: what each Pulumi stack holds (``plan``), how it is made (``components``) and driven (``room``)."""
